"""Raises an exception whose type cannot say what it is called."""


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__name__", "__qualname__", "__module__", "__mro__"):
            raise RuntimeError("nameless")
        return type.__getattribute__(cls, name)


class Liar(Exception, metaclass=Meta):
    @property
    def __cause__(self):
        raise RuntimeError("no cause")

    __context__ = __suppress_context__ = __traceback__ = __cause__


raise Liar("raised all the same")
