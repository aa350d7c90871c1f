"""Imports files of names that no statement could hold."""

import importlib
import os

for name in sorted(os.listdir(os.path.join(os.path.dirname(__file__), "odd names"))):
    if "raises" not in name and name.endswith(".py"):
        importlib.import_module(f"hostile.odd names.{name[:-3]}")
