"""Replaces what processes are started and ended with."""

import os


def broken(*args, **kwargs):
    raise RuntimeError("no processes")


os.fork = os.waitpid = os.kill = os.killpg = os.setpgid = os.pipe = os.close = broken
