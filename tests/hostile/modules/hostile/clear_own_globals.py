"""Empties its own namespace."""

globals().clear()
