"""Raises exceptions that are each other's cause."""

first, second = LookupError("first"), LookupError("second")
first.__cause__, second.__cause__ = second, first
raise first
