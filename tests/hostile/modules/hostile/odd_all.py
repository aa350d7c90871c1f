"""Lists names that are none."""

__all__ = ["fine", 7, None]
fine = 1
