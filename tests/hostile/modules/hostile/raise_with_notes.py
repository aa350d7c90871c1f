"""Raises an exception whose notes are none."""

error = ValueError("noted")
error.__notes__ = 5
raise error
