"""Shares its name with a folder that has no __init__: the file is what is imported."""

WHICH = "file"
