"""Raises an ImportError whose details are anything but text."""


class Name(str):
    def __eq__(self, other):
        raise RuntimeError("compared")

    __hash__ = None


error = ModuleNotFoundError("odd details", name=Name("x"), path=b"y")
error.name_from = ["z"]
error.msg = 8
raise error
