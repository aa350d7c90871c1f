"""Exits with an object that cannot say what it is."""

import sys


class Mute:
    def __str__(self):
        raise RuntimeError("mute")

    __repr__ = __str__


sys.exit(Mute())
