"""Lifts the recursion limit."""

import sys

sys.setrecursionlimit(2**31 - 1)
