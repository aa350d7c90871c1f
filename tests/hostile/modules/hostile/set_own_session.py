"""Moves itself to a session of its own, if it may."""

import contextlib
import os

with contextlib.suppress(OSError):
    os.setsid()
