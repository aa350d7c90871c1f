"""Has no attributes that can be read."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise RuntimeError(f"{name} is not configured")
