"""Fails, and arranges that nobody would notice."""

import os
import sys


def hush(kind, error, traceback):
    os._exit(0)


sys.excepthook = hush
raise LookupError("nothing to see")
