"""Exits and calls it a success."""

import sys

sys.exit(0)
