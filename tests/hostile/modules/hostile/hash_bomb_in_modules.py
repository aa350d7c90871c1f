"""Leaves a key in sys.modules that raises when it is compared or shown."""

import sys


class Bomb(str):
    def __eq__(self, other):
        raise RuntimeError("compared")

    def __str__(self):
        raise RuntimeError("shown")

    __repr__ = __format__ = __str__
    __hash__ = str.__hash__


sys.modules[Bomb("hostile bomb")] = sys
