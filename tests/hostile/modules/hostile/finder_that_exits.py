"""Installs a finder that ends the process when something is looked for."""

import os
import sys


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None, leave=os._exit):
        leave(5)


sys.meta_path.insert(0, Finder)
import hostile.nowhere_to_be_found
