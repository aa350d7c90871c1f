"""Leaves a thread that prints for ever."""

import os
import threading


def flood():
    while True:
        os.write(1, b"flood " * 1000)


threading.Thread(target=flood, daemon=True).start()
