"""Breaks os.getpid for everyone."""

import os


def refuse(*args, **kwargs):
    raise RuntimeError("os.getpid is patched")


os.getpid = refuse
