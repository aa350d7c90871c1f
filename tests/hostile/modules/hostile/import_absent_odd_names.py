"""Imports what is not there, by names that no module can have."""

import importlib

importlib.import_module("hostile.no\nsuch\udc80 \x1b[31mname")
