"""Installs a finder that gives any name an empty module, and imports what is not there."""

import importlib.machinery
import sys


class Loader:
    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        pass


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, Loader)


sys.meta_path.insert(0, Finder)
import hostile.made_up
import made_up_as_well.deeper
