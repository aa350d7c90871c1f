"""Imports from above its topmost package."""

from ... import anything
