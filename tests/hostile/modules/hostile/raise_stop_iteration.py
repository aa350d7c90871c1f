"""Raises what ends loops."""

raise StopIteration("no more imports")
