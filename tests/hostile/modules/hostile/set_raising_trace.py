"""Installs a trace function that raises at the next call."""

import sys


def trace(frame, event, arg):
    raise RuntimeError("traced")


sys.settrace(trace)
