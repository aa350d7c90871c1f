"""Raises a group with an exit in it, where there are groups."""

group = __builtins__.get("BaseExceptionGroup")
if group is None:
    raise SystemExit(1)
raise group("both", [SystemExit(0), ValueError("and this")])
