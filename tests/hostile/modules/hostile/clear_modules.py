"""Empties sys.modules, its own entry included."""

import sys

sys.modules.clear()
