"""Imports a file whose name is no text, which raises."""

import importlib

importlib.import_module("hostile.odd names.sur\udc80rogate raises")
