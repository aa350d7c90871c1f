"""A code base to read: thousands of modules of ordinary code, which nobody runs.

Two packages, `shop` and `auth_service`, and `shared`, which both use. Only one module of `shop`
imports `auth_service`. The same size and seed give the same files, byte for byte.
"""

from __future__ import annotations

import random
import textwrap
from pathlib import Path

ROOTS = ("auth_service", "shared", "shop")
THROUGH = "shop.auth_integration.auth"

_PER_FOLDER = 25  # modules
_BYTES = 9_900  # of a module's text, about

_STANDARD = (
    *("import collections", "import contextlib", "import dataclasses", "import datetime as dt"),
    *("import enum", "import functools", "import itertools", "import json", "import logging"),
    *(
        "import os",
        "import re",
        "import time",
        "import uuid",
        "from collections.abc import Mapping",
    ),
    *("from decimal import Decimal", "from pathlib import Path", "from typing import Any"),
)
_FOREIGN = (
    *("from fastapi import APIRouter, Depends, HTTPException", "import httpx"),
    *("from pydantic import BaseModel, Field", "from sqlalchemy import func, select"),
    *("from sqlalchemy.orm import Session", "import structlog"),
)
_NOUNS = (
    *("account", "basket", "invoice", "item", "ledger", "offer", "order", "parcel"),
    *("payment", "price", "product", "refund", "review", "stock", "supplier", "voucher"),
)
_VERBS = (
    *("apply", "archive", "check", "collect", "compare", "count", "describe", "export"),
    *("filter", "find", "load", "merge", "notify", "release", "save", "total"),
)

_FUNCTIONS = (
    '''\
    def {verb}_{noun}({self}{noun}s: list[{Noun}], limit: int = {number}) -> list[{Noun}]:
        """The {noun}s that {verb} leaves, at most `limit` of them.

        Args:
            {noun}s: in any order; what is archived is passed over.
            limit: the greatest number wanted.
        """
        found = []
        for position, {noun} in enumerate({noun}s):
            if {noun}.archived or position >= limit:
                continue
            if {noun}.amount > {number} and {noun}.state not in ("closed", "void"):
                found.append({noun})
        return sorted(found, key=lambda one: (one.created, one.id))
    ''',
    '''\
    def {verb}_{noun}({self}raw: dict[str, Any], *, strict: bool = False) -> {Noun} | None:
        """Make one of what a client sent; None where it is not worth a row."""
        try:
            amount = int(raw["amount"])
            label = str(raw.get("label") or "").strip()
        except (KeyError, TypeError, ValueError) as error:
            if strict:
                raise ValueError(f"no {noun} in {{raw!r}}: {{error}}") from error
            logger.warning("%s is no {noun}: %s", raw, error)
            return None
        rounded = (amount * {number} + {other}) // 100  # in cents
        return {Noun}(label=label[:{number}], amount=rounded, tags=tuple(raw.get("tags", ())))
    ''',
    '''\
    async def {verb}_{noun}({self}client: Any, key: str, retries: int = 3) -> dict[str, Any]:
        """Ask the {noun} service, again where it is busy."""
        url = f"https://{noun}s.internal/v{number}/{{key}}"
        for attempt in range(retries):
            async with client.stream("GET", url, headers={{"x-attempt": str(attempt)}}) as reply:
                if reply.status_code == 200:
                    body = await reply.json()
                    return {{name: body[name] for name in ("id", "amount") if name in body}}
                if reply.status_code < 500:
                    break
            await client.sleep(0.1 * 2**attempt)
        raise LookupError(f"{noun} {{key}} is not to be had after {{retries}} attempts")
    ''',
    '''\
    def {verb}_{noun}({self}rows: Iterable[tuple[str, int]], unit: str = "EUR") -> dict[str, int]:
        """What each {noun} comes to, those below {number} {{unit}} left out."""
        totals: dict[str, int] = {{}}
        for name, amount in rows:
            totals[name] = totals.get(name, 0) + amount
        large = {{name: total for name, total in totals.items() if total >= {number}}}
        while large and sum(large.values()) > {other} * 1000:
            least = min(large, key=large.__getitem__)
            logger.info("%s of %s %s goes", least, large.pop(least), unit)
        return dict(sorted(large.items(), key=lambda pair: -pair[1]))
    ''',
    '''\
    def {verb}_{noun}({self}text: str, width: int = {number}) -> str:
        """The text of a {noun} as a table of at most `width` columns."""
        lines = []
        for line in text.splitlines():
            words, current = line.split(), ""
            for word in words:
                if current and len(current) + len(word) + 1 > width:
                    lines.append(current)
                    current = word
                else:
                    current = f"{{current}} {{word}}" if current else word
            lines.append(current)
        header = "{noun}".center(width)
        return "\\n".join([header, "=" * width, *lines, "-" * width, ""])
    ''',
    '''\
    def {verb}_{noun}({self}one: {Noun}, other: {Noun}) -> bool:
        """Whether two of them are the same {noun} to a customer."""
        if one is other:
            return True
        same = one.label.casefold() == other.label.casefold()
        close = abs(one.amount - other.amount) <= max({number}, one.amount // 100)
        tags = set(one.tags) & set(other.tags)
        return same and close and (bool(tags) or not (one.tags or other.tags))
    ''',
)
_CLASS = '''\
class {Noun}{Verb}Job:
    """Does {verb} for {noun}s, in portions of {number}."""

    portion = {number}
    states = {{"new": 1, "open": 2, "closed": {other}}}

    def __init__(self, source: Any, *, dry: bool = False) -> None:
        self.source = source
        self.dry = dry
        self.done: list[str] = []

    @property
    def progress(self) -> float:
        """The share that is done, between 0 and 1."""
        return len(self.done) / self.portion if self.portion else 1.0

'''
_RECORD = '''\
@dataclasses.dataclass
class {Noun}:
    """One {noun}, as it is stored."""

    label: str
    amount: int = 0
    tags: tuple[str, ...] = ()
    archived: bool = False
    state: str = "new"
    created: float = {number}.0
    id: int = {other}


'''
_LATER = """\
def {verb}_{noun}_later(key: str) -> object:
    \"\"\"What {target} says of it.\"\"\"
    from {target} import {imported}

    return {imported}(key) if key.startswith("{noun}.") else None


"""


def generate(folder: Path, *, size: int, seed: int = 0) -> None:
    """Write `size` modules, packages included, below the empty `folder`: 10 kB each."""
    chance = random.Random(seed)
    names: dict[str, list[str]] = {root: [] for root in ROOTS}
    packages: list[str] = list(ROOTS)
    left = size - len(ROOTS) - 2
    for root, share in (("shared", 0.1), ("auth_service", 0.2), ("shop", 0.7)):
        wanted = left if root == "shop" else int(size * share)
        left -= wanted
        while wanted > 0:
            package = f"{root}.{chance.choice(_NOUNS)}s_{len(packages):03}"
            packages.append(package)
            inside = min(_PER_FOLDER, wanted) - 1
            wanted -= inside + 1
            for number in range(inside):
                names[root].append(f"{package}.{chance.choice(_VERBS)}_{number:02}")
    texts = {package: f'"""Code of {package}."""\n' for package in packages}
    texts["shop.auth_integration"] = '"""The way to auth_service."""\n'
    texts[THROUGH] = f'"""Speaks to auth_service."""\n\nimport {names["auth_service"][-1]}\n'
    for root in ROOTS:
        for index, name in enumerate(names[root]):
            below = names[root][:index] + (names["shared"] if root != "shared" else [])
            texts[name] = _module(name, below, chance)
    for name, text in texts.items():
        path = folder.joinpath(*name.split("."))
        is_package = name in packages or name == "shop.auth_integration"
        path = path / "__init__.py" if is_package else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _module(name: str, below: list[str], chance: random.Random) -> str:
    """The text of a module that imports some of the modules below it."""
    noun = chance.choice(_NOUNS)
    used = chance.sample(below, min(len(below), chance.randint(2, 6)))
    imports = ["import dataclasses", "import logging", "from typing import TYPE_CHECKING, Any"]
    imports += chance.sample(_STANDARD, chance.randint(1, 4))
    imports += chance.sample(_FOREIGN, chance.randint(0, 2))
    imports += [
        f"from {target} import {_exported(target)} as used_{n}" for n, target in enumerate(used)
    ]
    parts = [
        f'"""The {noun}s of {name}, and what is done with them."""\n\n',
        "from __future__ import annotations\n\n",
        "\n".join(dict.fromkeys(imports)),
        "\n\n",
    ]
    parts.append("if TYPE_CHECKING:\n    from collections.abc import Iterable\n\n")
    parts.append("logger = logging.getLogger(__name__)\n")
    parts.append(
        f'DEFAULT_{noun.upper()} = {{"label": "{noun}", "amount": {chance.randint(1, 99)}}}\n'
    )
    parts.append(f'TOPIC = "{noun}.changed"\n\n\n')
    parts.append(_filled(_RECORD, noun, _exported(name), chance))
    if used and chance.random() < 0.3:
        target = chance.choice(below)
        parts.append(
            _LATER.format(verb="ask", noun=noun, target=target, imported=_exported(target))
        )
    while sum(map(len, parts)) < _BYTES:
        verb = f"{chance.choice(_VERBS)}_{len(parts)}"
        if chance.random() < 0.5:
            function = textwrap.dedent(chance.choice(_FUNCTIONS))
            parts += _filled(function, noun, verb, chance), "\n\n"
            continue
        parts.append(_filled(_CLASS, noun, verb, chance))
        for _ in range(chance.randint(2, 5)):
            method = chance.choice(_FUNCTIONS).rstrip(" ")
            verb = f"{chance.choice(_VERBS)}_{len(parts)}"
            parts += _filled(method, noun, verb, chance, own="self, "), "\n"
        parts.append("\n")
    parts.append(f"def {_exported(name)}(key: str) -> str:\n    return key.upper()\n")
    return "".join(parts)


def _filled(template: str, noun: str, verb: str, chance: random.Random, *, own: str = "") -> str:
    return template.format(
        noun=noun,
        Noun=noun.capitalize(),
        verb=verb,
        Verb="".join(part.capitalize() for part in verb.split("_")),
        number=chance.randint(10, 99),
        other=chance.randint(100, 999),
        self=own,
    )


def _exported(name: str) -> str:
    return f"do_{name.rpartition('.')[2]}"
