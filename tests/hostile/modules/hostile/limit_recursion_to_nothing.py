"""Sets the recursion limit as low as it may be set here."""

import sys

for limit in range(1, 1000):
    try:
        sys.setrecursionlimit(limit)
    except RecursionError:
        continue
    break
