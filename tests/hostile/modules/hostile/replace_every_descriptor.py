"""Puts /dev/null in the place of every descriptor."""

import os

null = os.open(os.devnull, os.O_RDWR)
for number in range(3, 1024):
    if number != null:
        os.dup2(null, number)
