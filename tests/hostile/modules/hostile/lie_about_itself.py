"""Says that it is something else, from somewhere else, and a package."""

__name__ = 7
__file__ = object()
__path__ = "\0"
__package__ = ["hostile"]
__spec__ = None
