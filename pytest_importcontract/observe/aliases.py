"""Names for the folders of a service that are elsewhere on another machine, or for another user."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_importcontract.shipment.shipment import Shipment


class Aliases:
    """Puts names in the place of folders, in JSON text, and folders in the place of names.

    Args:
        folders: each with its name; of those that lie in each other the inner one counts.
    """

    def __init__(self, folders: Iterable[tuple[str, str]]) -> None:
        found = {folder.rstrip("/"): name for name, folder in folders}
        found.pop("", None)
        inner_first = sorted(found, key=len, reverse=True)
        # Between characters that JSON escapes, so that no text of a service holds them by chance.
        self._names = {_quoted(each): _quoted(f"\1{found[each]}\2") for each in inner_first}
        self._folders = {name: folder for folder, name in self._names.items()}
        any_folder = "|".join(map(re.escape, self._names))
        any_name = "|".join(map(re.escape, self._folders))
        self._folder = re.compile(rf"(?:{any_folder})(?![\w.-])") if found else None
        self._name = re.compile(any_name) if found else None

    @classmethod
    def of(cls, shipment: Shipment, bytecode: Path) -> Aliases:
        """Those of a service.

        Args:
            shipment: the service.
            bytecode: folder for compiled copies.
        """
        return cls(_folders(shipment, bytecode))

    def named(self, text: str) -> str:
        """JSON text with names for folders."""
        if self._folder is None:
            return text
        return self._folder.sub(lambda match: self._names[match[0]], text)

    def placed(self, text: str) -> str:
        """JSON text with this machine's folders for names."""
        if self._name is None:
            return text
        return self._name.sub(lambda match: self._folders[match[0]], text)


def _folders(shipment: Shipment, bytecode: Path) -> Iterator[tuple[str, str]]:
    interpreter = shipment.interpreter
    yield "bytecode", str(bytecode)
    yield "root", str(shipment.root)
    yield "prefix", interpreter.prefix
    for kind, folders in (
        ("library", interpreter.stdlib),
        ("packages", interpreter.sites),
        ("site", shipment.ground.sites),
    ):
        for number, folder in enumerate(folders):
            yield f"{kind} {number}", folder
    if shipment.tree is not None:
        yield "tree", str(shipment.tree)


def _quoted(text: str) -> str:
    return json.dumps(text)[1:-1]
