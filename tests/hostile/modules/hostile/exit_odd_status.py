"""Exits with a number of its own kind, which may not be calculated with."""

import sys


class Status(int):
    def __and__(self, other):
        raise RuntimeError("hands off")

    __rand__ = __index__ = __int__ = __and__


sys.exit(Status(6))
