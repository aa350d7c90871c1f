"""Turns its own alarm into an exception."""

import signal
import time


def ring(signum, frame):
    raise TimeoutError("the alarm rang during import")


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.1)
time.sleep(300.102)
