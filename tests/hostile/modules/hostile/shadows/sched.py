"""Shadows the standard library's, and lacks what is asked of it."""

from colorsys import rgb_to_hsv
