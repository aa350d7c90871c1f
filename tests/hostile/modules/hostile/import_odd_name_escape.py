"""Imports a file with an escape sequence in its name, which raises."""

import importlib

importlib.import_module("hostile.odd names.\x1b[31mred raises")
