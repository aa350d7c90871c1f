"""Imports a module whose loader makes something that is no module."""

import importlib.machinery
import sys


class Loader:
    @staticmethod
    def create_module(spec):
        return 7

    @staticmethod
    def exec_module(module):
        pass


sys.meta_path.insert(
    0,
    type(
        "Finder",
        (),
        {
            "find_spec": staticmethod(
                lambda name, path=None, target=None: importlib.machinery.ModuleSpec(name, Loader)
                if name == "hostile.seven"
                else None
            )
        },
    ),
)
import hostile.seven
