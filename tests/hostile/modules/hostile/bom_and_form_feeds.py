"""Begins with a byte order mark and holds form feeds and lone carriage returns."""

x = 1
