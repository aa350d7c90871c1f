"""Waits for every child of the process, whosever it is, and raises each time."""

import os
import signal


def reap(number, frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    finally:
        raise RuntimeError("a child has ended")


signal.signal(signal.SIGCHLD, reap)
