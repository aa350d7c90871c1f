"""Puts other things in the place of built-in types and exceptions."""

import builtins

for name in ("list", "dict", "frozenset", "set", "tuple", "int", "bytes", "type", "object"):
    setattr(builtins, name, None)
for name in ("BaseException", "Exception", "OSError", "AttributeError", "KeyError", "TypeError"):
    setattr(builtins, name, ZeroDivisionError)
