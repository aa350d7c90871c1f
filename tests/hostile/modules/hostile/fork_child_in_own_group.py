"""Leaves a child in a process group of its own."""

import contextlib
import os
import time

if os.fork() == 0:
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    time.sleep(300.104)
    os._exit(0)
time.sleep(0.1)
