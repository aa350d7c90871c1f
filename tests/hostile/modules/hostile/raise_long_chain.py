"""Raises an exception with thousands of causes."""

error = None
for number in range(5000):
    made = LookupError(f"number {number}")
    made.__cause__ = error
    error = made
raise error
