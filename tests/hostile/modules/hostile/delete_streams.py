"""Deletes the standard streams and the arguments."""

import sys

for name in ("stdin", "stdout", "stderr", "__stdout__", "__stderr__", "argv"):
    delattr(sys, name)
