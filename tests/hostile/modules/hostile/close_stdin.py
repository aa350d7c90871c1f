"""Closes its standard input."""

import sys

sys.stdin.close()
