"""Puts a full pipe in the place of standard output, with more to come."""

import os
import sys

reading, writing = os.pipe()
os.set_blocking(writing, False)
try:
    while True:
        os.write(writing, b"x" * 4096)
except BlockingIOError:
    pass
os.set_blocking(writing, True)
os.dup2(writing, 1)
sys.stdout.write("more")
