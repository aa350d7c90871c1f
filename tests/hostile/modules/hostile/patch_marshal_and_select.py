"""Replaces what messages between processes are made with."""

import marshal
import select
import time


def broken(*args, **kwargs):
    raise RuntimeError("no messages")


marshal.loads = marshal.dumps = select.select = select.poll = time.sleep = time.monotonic = broken
