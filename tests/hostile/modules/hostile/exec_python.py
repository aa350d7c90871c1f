"""Becomes another Python that succeeds."""

import os
import sys

os.execv(sys.executable, [sys.executable, "-c", "pass"])
