"""Raises a message of 50 MB."""


class VerboseError(Exception):
    pass


raise VerboseError("v" * (50 << 20))
