"""Exits with a message."""

import sys

sys.exit("no licence key, refusing to start")
