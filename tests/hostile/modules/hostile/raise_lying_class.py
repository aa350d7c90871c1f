"""Raises an exception that says it is of another class."""


class Liar(Exception):
    __class__ = SystemExit
    code = 0


raise Liar("no exit")
