"""Installs an import hook that refuses everything from then on."""

import sys


class Refusal:
    @staticmethod
    def find_spec(name, path=None, target=None):
        raise ImportError(f"{name} is refused")


sys.meta_path.insert(0, Refusal)
