"""Replaces itself by an object of which any attribute ends the process."""

import os
import sys


class Bomb:
    __slots__ = ()

    def __getattribute__(self, name, leave=os._exit):
        if name.startswith("__"):
            raise AttributeError(name)
        leave(9)


sys.modules[__name__] = Bomb()
