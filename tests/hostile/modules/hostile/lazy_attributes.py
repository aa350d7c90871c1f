"""Loads its names when they are asked for, as large packages do; one of them cannot be."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    import hostile.nowhere_to_be_found

    return hostile.nowhere_to_be_found


def __dir__():
    raise RuntimeError("nobody may look")
