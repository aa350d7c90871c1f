"""Breaks os.write for everyone."""

import os


def refuse(*args, **kwargs):
    raise RuntimeError("os.write is patched")


os.write = refuse
