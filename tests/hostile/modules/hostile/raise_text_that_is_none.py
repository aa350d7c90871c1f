"""Raises an exception whose text is a number."""


class Odd(Exception):
    def __str__(self):
        return 5


raise Odd
