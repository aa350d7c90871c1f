"""Imports a neighbour and does nothing wrong."""

from hostile.fine_a import SETTINGS

DEBUG = SETTINGS["debug"]
