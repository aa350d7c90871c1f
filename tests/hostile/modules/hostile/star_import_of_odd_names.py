"""Imports all names of a module whose list of them is none."""

from hostile.odd_all import *
