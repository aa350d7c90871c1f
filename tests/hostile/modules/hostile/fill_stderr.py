"""Prints 100 MB to its standard error."""

import sys

for _ in range(1600):
    print("e" * 65535, file=sys.stderr)
