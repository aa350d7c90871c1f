"""The static observer: what Python source imports, and when, and which names it binds.

Runs none of it. The package knows nothing of what is around it: ``PYTHON -I -S`` runs its folder
in other people's interpreters, so that each file is parsed by the language of the interpreter that
will run it. Standard library only, Python 3.8 syntax.
"""

from .read import platform_facts, read_file, read_source, unreadable

__all__ = ["platform_facts", "read_file", "read_source", "unreadable"]
