"""A service's variables on a terminal, and as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pytest_importcontract.diagnosis.inventory import Inventory, Variable
from pytest_importcontract.report.text import Line, Span, chain, labelled, safe_line, wrapped

_LABEL = 9  # columns of "others"


def tell_variables(found: Inventory, width: int, base: Path) -> tuple[Line, ...]:
    """What the service needs, what it asks for besides, what code of others asks for by itself.

    Args:
        found: the variables.
        width: columns of the terminal.
        base: folder that shown paths are relative to.
    """
    own = [variable for variable in found.variables if variable.first_party]
    needed = [variable for variable in own if variable.needed]
    others = [variable for variable in own if not variable.needed]
    foreign = [variable for variable in found.variables if not variable.first_party]
    lines = [*_group(f"that {found.service} cannot start without", needed, width, base)]
    lines += [(), *_group(f"that {found.service} asks for and can do without", others, width, base)]
    if foreign:
        names = ", ".join(f"{variable.name} ({variable.reader})" for variable in foreign)
        lines += [(), *labelled("others", (f"code of others asks for {names}",), width, _LABEL)]
    for entrypoint, said in found.ended:
        text = f"{entrypoint} does not start, so this is not all: {said.splitlines()[0]}"
        lines += [(), *labelled("start", (text,), width, _LABEL)]
    return tuple(lines)


def variables_as_data(found: Inventory, base: Path) -> dict[str, Any]:
    """All of it as JSON values, files relative to `base` where they lie in it."""
    return {
        "service": found.service,
        "variables": [_data(variable, base) for variable in found.variables],
        "failed": dict(found.ended),
    }


def _data(variable: Variable, base: Path) -> dict[str, Any]:
    path = Path(variable.hop.file)
    return {
        "name": variable.name,
        "needed": variable.needed,
        "set_by": variable.origin,
        "file": path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path),
        "line": variable.hop.line,
        "reader": variable.reader,
        "first_party": variable.first_party,
    }


def _group(text: str, variables: Sequence[Variable], width: int, base: Path) -> Iterator[Line]:
    count = f"{len(variables) or 'no'} variable{'' if len(variables) == 1 else 's'}"
    for part in wrapped(safe_line(f"{count} {text}"), width):
        yield (Span(part, "label"),)
    shown = [
        dataclasses.replace(variable.hop, label=variable.origin or "not set")
        for variable in variables
    ]
    yield from chain(shown, width, base)
