"""Lies in a folder without __init__, and imports what that does not have."""

from hostile.namespace import nothing
