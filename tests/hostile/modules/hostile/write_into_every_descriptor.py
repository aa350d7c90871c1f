"""Writes into every descriptor that takes it."""

import os

for number in range(3, 1024):
    for data in (b"\xff\xff\xff\xffnoise", b'\0\0\0\x0b{"end": 7}\n', b"\0\0"):
        try:
            os.write(number, data)
        except OSError:
            pass
