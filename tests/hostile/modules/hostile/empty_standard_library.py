"""Empties every module that is loaded, save what importing itself needs."""

import sys

needed = ("sys", "builtins", "_imp", "_frozen_importlib", "_frozen_importlib_external", "hostile")
for name, module in list(sys.modules.items()):
    if not name.startswith(needed):
        vars(module).clear()
