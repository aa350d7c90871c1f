"""Loads the import system's Python part anew."""

import importlib
import sys

del sys.modules["importlib"]
import importlib

importlib.reload(sys.modules["importlib"])
importlib.invalidate_caches()
