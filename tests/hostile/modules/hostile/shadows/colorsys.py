"""Shadows the standard library's."""

SHADOW = True
