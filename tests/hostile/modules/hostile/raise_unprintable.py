"""Raises an exception that cannot be shown."""


class UnprintableError(Exception):
    def __str__(self):
        raise ValueError("no text")

    def __repr__(self):
        raise ValueError("no representation")


raise UnprintableError
