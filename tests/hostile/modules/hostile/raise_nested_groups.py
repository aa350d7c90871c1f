"""Raises groups in groups, hundreds deep and wide."""

Group = __builtins__.get("ExceptionGroup", lambda text, members: members[0])
error = ValueError("innermost")
for depth in range(200):
    error = Group(f"level {depth}", [error] * 20)
raise error
