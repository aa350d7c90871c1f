"""Breaks struct.pack for everyone."""

import struct


def refuse(*args, **kwargs):
    raise RuntimeError("struct.pack is patched")


struct.pack = refuse
struct.pack_into = refuse
