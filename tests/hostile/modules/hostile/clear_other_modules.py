"""Empties sys.modules of everything but itself and its package."""

import sys

for name in list(sys.modules):
    if name not in (__name__, __package__):
        del sys.modules[name]
