"""What Markdown files claim about imports, and demands on them that nothing answers to."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_importcontract.contract.model import Claim, Documented
from pytest_importcontract.shipment.markdown import Heading, Page, read_page
from pytest_importcontract.shipment.statements import import_statements

Keys = tuple[str | int, ...]
Mistaken = tuple[Keys, str, str]
_OPT_OUT = "or set may_be_empty = true"
_NOT_INSTALLED = "pip install 'pytest-importcontract[documented]'"


def read_claims(documented: Documented, root: Path) -> tuple[Documented, tuple[Mistaken, ...]]:
    """Read a Markdown file.

    Args:
        documented: what the contract says of it.
        root: the repository.

    Returns:
        It with its claims, and each mistake as the path of its key below the table, what is wrong,
        a suggestion.
    """
    path = root / documented.file
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"{documented.file} is not UTF-8: byte {error.start} cannot be read"
        return documented, ((("file",), what, ""),)
    except OSError as error:
        return documented, (_unreadable(documented.file, root, error),)
    try:
        page = read_page(text)
    except ModuleNotFoundError as error:
        if error.name != "markdown_it":
            raise
        what = "needs markdown-it-py, which is not installed here"
        return documented, (((), what, _NOT_INSTALLED),)
    claims: list[Claim] = []
    unclaimed = 0
    for code in page.codes:
        holds, heading = _verdict(code.headings, documented)
        for statement in import_statements(code.lines):
            if holds is None or not statement.is_certain:
                unclaimed += 1
                continue
            says = None if statement.raises else heading
            claim = Claim(
                file=str(path),
                line=code.line + statement.line,
                text=statement.text,
                imports=statement.imports,
                holds=holds and not statement.raises,
                heading=says.text if says else "",
                heading_line=says.line if says else 0,
                fault=statement.fault,
            )
            claims.append(claim)
    found = replace(documented, claims=tuple(claims), unclaimed=unclaimed)
    return found, () if documented.may_be_empty else tuple(_vacuous(found, page))


def _verdict(
    headings: Sequence[Heading], documented: Documented
) -> tuple[bool | None, Heading | None]:
    """Whether what stands below the headings holds, and which says so; None for neither."""
    for heading in reversed(headings):
        if _matches(heading.text, documented.fails):
            return False, heading
        if _matches(heading.text, documented.holds):
            return True, heading
    return (None if documented.holds else True), None


def _matches(text: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _unreadable(file: str, root: Path, error: OSError) -> Mistaken:
    path = root / file
    if os.path.exists(path):  # noqa: PTH110 (a name of any length)
        return ("file",), f"{file} cannot be read: {error.strerror}", ""
    known = [p.relative_to(root).as_posix() for g in ("*.md", "*/*.md") for p in root.glob(g)]
    near = difflib.get_close_matches(file, sorted(known), n=1, cutoff=0.5)
    return ("file",), f"{file} does not exist", f"did you mean {near[0]}?" if near else ""


def _vacuous(documented: Documented, page: Page) -> Iterator[Mistaken]:
    """What the contract says of the file without any claim to answer to it."""
    file = documented.file
    idle = False
    for key, patterns, holds in (
        ("holds", documented.holds, True),
        ("fails", documented.fails, False),
    ):
        decided = [c.heading for c in documented.claims if c.heading and c.holds is holds]
        for index, pattern in enumerate(patterns):
            matched = [h.text for h in page.headings if fnmatchcase(h.text, pattern)]
            if any(fnmatchcase(heading, pattern) for heading in decided):
                continue
            idle = True
            if matched:
                what = f"no import of {file} is a claim for being below {matched[0]!r}"
                yield (key, index), what, _OPT_OUT
            else:
                what = f"{pattern!r} matches no heading of {file}"
                yield (key, index), what, _near(pattern, page) or _OPT_OUT
    if not documented.claims and not idle:
        what = f"{file} claims nothing: no ```python block below its headings has an import"
        yield (), what, _OPT_OUT


def _near(pattern: str, page: Page) -> str:
    for heading in page.headings:
        if fnmatchcase(heading.text.lower(), pattern.lower()):
            return f"{heading.text!r} on line {heading.line} differs by letter case"
    near = difflib.get_close_matches(pattern, [heading.text for heading in page.headings], n=1)
    return f"did you mean {near[0]!r}?" if near else ""
