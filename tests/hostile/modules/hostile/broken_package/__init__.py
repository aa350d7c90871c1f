"""A package that cannot be imported."""

from hostile.broken_package import inner

raise ImportError("this package is closed", name=7, path=object())
