"""Breaks time.monotonic for everyone."""

import time


def refuse(*args, **kwargs):
    raise RuntimeError("time.monotonic is patched")


time.monotonic = refuse
