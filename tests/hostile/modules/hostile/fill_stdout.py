"""Prints 100 MB to its standard output."""

for _ in range(1600):
    print("o" * 65535)
