"""Breaks built-in functions and types, then fails."""

import builtins

for name in ("len", "isinstance", "getattr", "id", "str", "type", "list", "set", "frozenset"):
    setattr(builtins, name, None)
raise ValueError("after all that")
