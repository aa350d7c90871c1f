"""Pipenv's lock file, ``Pipfile.lock`` (https://github.com/pypa/pipfile#pipfilelock)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import InvalidName, canonicalize_name

from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.closure import Closure, Provenance
from pytest_importcontract.shipment.distributions.declared import Declared, Part
from pytest_importcontract.shipment.distributions.locks import Lock, Locked, Origin, by_name
from pytest_importcontract.shipment.distributions.markers import holds
from pytest_importcontract.shipment.image.model import Line

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}\n]')
_KEY: Final = re.compile(r"\s*:")


class PipfileLock:
    """A Pipfile.lock: of each category (``default``, ``develop``, …) all that it brings.

    Attributes:
        categories: locks by category.
    """

    def __init__(self, categories: Mapping[str, Lock]) -> None:
        self.categories = categories

    def chosen(self, environment: Mapping[str, str], categories: Iterable[str]) -> Closure:
        """What is installed for the categories: each lists it all, with conditions.

        Args:
            environment: as of `markers.image_environment`.
            categories: ``default`` for the packages, ``develop`` for the dev-packages.
        """
        found: dict[str, Provenance] = {}
        for category in categories:
            part = Part.MAIN if category == "default" else Part.GROUP
            group = "" if category == "default" else category
            for package in self.categories.get(category, ()):
                if holds(package.marker, environment):
                    root = Declared(Requirement(package.name), package.line, part, group)
                    provenance = Provenance(root, (package.name,), package.version)
                    found.setdefault(package.name, provenance)
        return Closure(found)


def read_pipfile_lock(content: bytes, name: str) -> PipfileLock:
    """Read a Pipfile.lock.

    Args:
        content: its bytes.
        name: what messages call it.

    Raises:
        MistakesError: it is not JSON, or not of that shape.
    """
    try:
        text = content.decode("utf-8-sig")
        data: Any = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"is no JSON: {error.msg} (column {error.colno})"
        raise MistakesError((Mistake(file=name, line=error.lineno, what=what),)) from None
    except (ValueError, RecursionError) as error:
        what = f"cannot be read: {error}"
        raise MistakesError((Mistake(file=name, what=what),)) from None
    if not isinstance(data, Mapping) or "_meta" not in data:
        raise MistakesError(
            (Mistake(file=name, what="is no lock file of pipenv: it has no _meta"),)
        )
    lines = _lines(text)
    mistakes: list[Mistake] = []
    categories = {}
    for category, packages in data.items():
        if category == "_meta":
            continue
        if not isinstance(packages, Mapping):
            number = lines.get((category,), 1)
            mistakes.append(Mistake(file=name, line=number, subject=category, what="is no object"))
            continue
        found = []
        for written, package in packages.items():
            number = lines.get((category, written), 1)
            if isinstance(package, Mapping) and _is_name(written):
                found.append(_locked(written, package, Line(name, number, written)))
            else:
                what = "is no object" if _is_name(written) else "is no name of a distribution"
                mistakes.append(Mistake(file=name, line=number, subject=written, what=what))
        categories[category] = Lock(name, by_name(found))
    if mistakes:
        raise MistakesError(tuple(mistakes))
    return PipfileLock(categories)


def _is_name(text: str) -> bool:
    try:
        canonicalize_name(text, validate=True)
    except InvalidName:
        return False
    return True


def _locked(written: str, package: Mapping[str, Any], line: Line) -> Locked:
    def text(key: str) -> str:
        value = package.get(key)
        return value if isinstance(value, str) else ""

    origin, path = Origin.REGISTRY, text("path")
    if path:
        origin = Origin.EDITABLE if package.get("editable") is True else Origin.DIRECTORY
    elif text("git"):
        origin = Origin.GIT
    elif text("file"):
        origin = Origin.URL
    return Locked(
        name=canonicalize_name(written),
        line=line,
        version=text("version").removeprefix("=="),
        origin=origin,
        path=path,
        marker=text("markers"),
    )


def _lines(text: str) -> Mapping[tuple[str, ...], int]:
    """The lines of the two outermost levels of keys; the text is JSON."""
    return dict(_keys(text))


def _keys(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    number, depth, outer = 1, 0, ""
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "\n":
                number += 1
            case "{" | "[":
                depth += 1
            case "}" | "]":
                depth -= 1
            case key if depth in (1, 2) and _KEY.match(text, token.end()):
                name = str(json.loads(key))
                outer = name if depth == 1 else outer
                yield ((name,) if depth == 1 else (outer, name)), number
