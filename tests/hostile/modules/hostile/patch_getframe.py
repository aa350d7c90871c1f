"""Replaces what shows the stack."""

import inspect
import sys
import traceback


def closed(*args, **kwargs):
    raise RuntimeError("the stack is private")


sys._getframe = sys.exc_info = inspect.stack = traceback.format_exception = closed
sys.excepthook = sys.unraisablehook = closed
