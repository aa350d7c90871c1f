"""Imports a name that no file can have."""

import importlib

importlib.import_module("hostile.a\0b")
