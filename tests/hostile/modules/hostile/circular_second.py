"""Needs of its partner what that defines after it needs this."""

from hostile.circular_first import first

second = 2
