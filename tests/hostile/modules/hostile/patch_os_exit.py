"""Breaks os._exit for everyone."""

import os


def refuse(*args, **kwargs):
    raise RuntimeError("os._exit is patched")


os._exit = refuse
