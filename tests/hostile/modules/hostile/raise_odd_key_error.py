"""Raises errors whose arguments are odd."""


class Key(str):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


try:
    raise OSError(2, Key("x"), Key("y"))
except OSError:
    raise KeyError(Key("z"))
