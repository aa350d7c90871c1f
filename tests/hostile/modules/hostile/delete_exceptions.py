"""Deletes the exceptions that code catches from builtins."""

import builtins

for name in [name for name in dir(builtins) if name.endswith(("Error", "Exception", "Exit"))]:
    delattr(builtins, name)
