"""Registers an exit handler that never returns."""

import atexit
import threading

atexit.register(threading.Event().wait)
