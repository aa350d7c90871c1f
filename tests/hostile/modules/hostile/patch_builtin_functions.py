"""Breaks the built-in functions that anything in Python is written with."""

import builtins


def broken(*args, **kwargs):
    raise RuntimeError("no such function any more")


for name in ("len", "isinstance", "getattr", "hasattr", "iter", "next", "max", "min", "sorted", "any"):
    setattr(builtins, name, broken)
