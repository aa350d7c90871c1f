"""Raises a message that clears screens and cannot be encoded."""


class GarbledError(Exception):
    pass


raise GarbledError("\x1b[2J\x1b]0;owned\x07 \ud800 \x00 \x08\x08 \r\n \x9b31m \u2028 \u202e ]]> end")
