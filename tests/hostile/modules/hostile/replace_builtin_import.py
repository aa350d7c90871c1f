"""Replaces the import statement by one that lies."""

import builtins
import types


def lie(name, *args, **kwargs):
    return types.ModuleType(name)


builtins.__import__ = lie
