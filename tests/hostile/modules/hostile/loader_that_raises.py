"""Imports a module whose loader, from a finder of its own, raises."""

import importlib.machinery
import sys


class Loader:
    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        raise LookupError("the database of modules is down")


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "hostile.from_database":
            return importlib.machinery.ModuleSpec(name, Loader)
        return None


sys.meta_path.insert(0, Finder)
import hostile.from_database
