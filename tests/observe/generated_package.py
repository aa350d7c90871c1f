"""Packages of random modules that import each other in every way there is, and can be imported."""

from __future__ import annotations

import random
from collections.abc import Iterator
from textwrap import indent

_OUTSIDE = ("json", "xml.sax", "collections.abc", "html.parser", "wsgiref.util", "zipapp")
_CONDITIONS = (
    "True",
    "0",
    "typing.TYPE_CHECKING",
    "not typing.TYPE_CHECKING",
    "sys.platform == 'win32'",
    "sys.platform.startswith(('linux', 'darwin'))",
    "sys.version_info >= (3, 8)",
    "sys.version_info[0] < 3",
    "os.name == 'nt' or typing.TYPE_CHECKING",
    "WINDOWS",
    "not WINDOWS",
    "CONSTANT",
    "__name__ == '__main__'",
    "yes()",
    "no()",
    "sys.argv and no()",
    "sys.platform == 'win32' and yes()",
)
_HEAD = """\
import importlib, os, sys
import typing
WINDOWS = sys.platform == "win32"
CONSTANT = 1
def yes(): return True
def no(): return not yes()
"""


class Package:
    """One package of a random number of modules and subpackages; the same for one name.

    Modules import those after them, and with these the packages around them, so that some meet
    others that have only begun.

    Attributes:
        files: the sources by path.
        modules: their dotted names.
    """

    def __init__(self, name: str) -> None:
        self._random = random.Random(name)
        names = [name]
        for number in range(self._random.randint(4, 9)):
            parent = self._random.choice([name for name in names if name.count(".") < 2])
            below = f"{parent}.p{number}" if self._random.random() < 0.4 else f"{parent}.m{number}"
            if parent.rpartition(".")[2].startswith("p"):
                names.append(below)
        self.modules = tuple(names)
        self.files = dict(self._file(place) for place in range(len(names)))

    def _is_package(self, name: str) -> bool:
        return name.rpartition(".")[2].startswith("p")

    def _file(self, place: int) -> tuple[str, str]:
        name = self.modules[place]
        path = name.replace(".", "/")
        body = "".join(self._statement(place, 0) for _ in range(self._random.randint(2, 7)))
        file = f"{path}/__init__.py" if self._is_package(name) else f"{path}.py"
        return file, f"NAME = {name!r}\n{_HEAD}{body}"

    def _block(self, place: int, depth: int) -> str:
        lines = [self._statement(place, depth + 1) for _ in range(self._random.randint(1, 2))]
        return indent("".join(lines), "    ")

    def _statement(self, place: int, depth: int) -> str:
        if depth > 2 or self._random.random() < 0.45:
            return self._random.choice(list(self._imports(place))) + "\n"
        block = [self._block(place, depth) for _ in range(4)]
        condition = self._random.choice(_CONDITIONS)
        other = self._random.choice(_CONDITIONS)
        error = self._random.choice(("ImportError", "Exception", "(KeyError, ModuleNotFoundError)"))
        function = f"f{self._random.randint(0, 99999)}"
        return self._random.choice(
            (
                f"if {condition}:\n{block[0]}else:\n{block[1]}",
                f"if {condition}:\n{block[0]}elif {other}:\n{block[1]}else:\n{block[2]}",
                f"try:\n{block[0]}except {error}:\n{block[1]}else:\n{block[2]}finally:\n{block[3]}",
                f"try:\n    import nowhere\n{block[0]}except {error}:\n{block[1]}",
                f"try:\n    from json import nothing\nexcept ImportError:\n{block[1]}",
                f"def {function}():\n{block[0]}",
                f"def {function}():\n{block[0]}{function}()\n",
                f"class C:\n{block[0]}",
                f"for _ in (1, 2):\n{block[0]}    if {condition}: continue\n{block[1]}",
                f"for _ in sys.argv[99:]:\n{block[0]}else:\n{block[1]}",
                f"while {condition}:\n{block[0]}    break\nelse:\n{block[1]}",
                f"with open(os.devnull) as stream:\n{block[0]}",
            )
        )

    def _imports(self, place: int) -> Iterator[str]:
        """Import statements that succeed in the module."""
        outside = self._random.choice(_OUTSIDE)
        yield f"import {outside}"
        yield f"import {outside} as other, zipapp, re as more"
        yield f"importlib.import_module({outside!r})"
        later = self.modules[place + 1 :]
        if not later:
            return
        target = self._random.choice(later)
        parent, _, last = target.rpartition(".")
        yield f"import {target}"
        yield f"from {parent} import {last} as there"
        yield f"from {target} import NAME as name, NAME as again"
        importer = self.modules[place]
        package = importer if self._is_package(importer) else importer.rpartition(".")[0]
        above = 0
        while not f"{parent}.".startswith(f"{package}."):
            package, above = package.rpartition(".")[0], above + 1
        below = parent[len(package) + 1 :]
        yield f"from {'.' * (above + 1)}{below} import {last}"
        relative = "." * (above + 1) + target[len(package) + 1 :]
        yield f"importlib.import_module({relative!r}, __package__)"
