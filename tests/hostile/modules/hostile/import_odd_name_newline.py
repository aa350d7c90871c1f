"""Imports a file with a newline in its name, which raises."""

import importlib

importlib.import_module("hostile.odd names.new\nline raises")
