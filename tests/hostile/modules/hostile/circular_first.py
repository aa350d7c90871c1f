"""Needs of its partner what that defines after it needs this."""

from hostile.circular_second import second

first = 1
