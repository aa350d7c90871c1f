"""Reads from every descriptor that can be read from."""

import os

for number in range(3, 1024):
    try:
        os.read(number, 10)
    except OSError:
        pass
