"""Writes 100 MB without a newline to descriptor 1."""

import os

chunk = b"y" * (1 << 20)
for _ in range(100):
    written = 0
    while written < len(chunk):
        written += os.write(1, chunk[written:])
