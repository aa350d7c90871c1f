"""Imports nothing."""

__import__("")
