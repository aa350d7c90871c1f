"""Turns its own module object into one whose attributes cannot be read."""

import sys
import types


class Closed(types.ModuleType):
    def __getattribute__(self, name):
        if name in ("__spec__", "__loader__"):
            return types.ModuleType.__getattribute__(self, name)
        raise RuntimeError(f"{name} is closed")


sys.modules[__name__].__class__ = Closed
