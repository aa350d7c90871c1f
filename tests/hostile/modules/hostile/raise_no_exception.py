"""Raises what is no exception."""

raise "hands"
