"""One requirement as installers read it: by name, by URL or by path."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.shipment.distributions.declared import Declared, Local
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.image.model import Line, Note

_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*)://|file:", re.IGNORECASE)
_EXTRAS = re.compile(r"(.+?)\s*\[([^\]]*)\]")
_NAMED_URL = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*@\s*([^\s;]+)")
_URL_CONDITION = r"\s;|;\s"  # a semicolon alone may be part of a URL
# What pip took before version 24.1 and `packaging` no longer does: == with a letter and a star,
# >= with a star, commas at the end. Only names, extras and markers matter here.
_LEGACY = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*"
    r"\(?\s*(?:===?|[<>~!]=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*"
    r"(?:,\s*(?:(?:===?|[<>~!]=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*)?)*\)?\s*(?P<marker>;.*)?"
)


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a requirement is written and where it is read."""

    line: Line
    files: ImageFiles
    cwd: str
    editable: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """A path or URL, what is in brackets behind it, and its condition."""

    place: str
    extras: frozenset[str]
    marker: str


def specifier(text: str) -> Requirement:
    """Read a dependency specifier (PEP 508), with the leniency of older versions of pip.

    Raises:
        InvalidRequirement: it is none.
    """
    try:
        return Requirement(text)
    except RecursionError:
        raise InvalidRequirement("is nested too deeply") from None
    except InvalidRequirement:
        lenient = _LEGACY.fullmatch(text.strip())
        if lenient is None:
            raise
        name, extras, marker = lenient.group("name", "extras", "marker")
        return Requirement(f"{name}{extras or ''}{marker or ''}")


def asked(
    text: str, line: Line, files: ImageFiles, cwd: str, *, editable: bool = False
) -> Declared | Local | Note:
    """Read what stands in a requirements file or on the command line of an installer.

    Follows pip's reference ("Requirement Specifiers", "Requirements File Format"): a specifier,
    a URL with or without a name, a folder, an archive. A Note where it is a URL that does not
    tell what it installs.

    Args:
        text: the requirement without the options that may follow it.
        line: where it is written.
        files: what the installer finds in the image.
        cwd: the folder that relative paths start from.
        editable: whether it follows ``-e``.

    Raises:
        MistakesError: no installer could read it.
    """
    where = _Where(line, files, cwd, editable)
    named = _NAMED_URL.match(text)
    if named and _is_path_url(named[3]):
        parts = _parts(text[named.start(3) :])
        parts = _Parts(parts.place, _names(named[2] or ""), parts.marker)
        _refuse_broken(parts.place, line)
        return _local(parts, where, named[1])
    if not named and _URL.match(text):
        parts = _parts(text)
        _refuse_broken(parts.place, line)
        return _local(parts, where) if _is_path_url(parts.place) else _url(parts, line)
    if not named and _looks_like_path(text):
        local = _local(_parts(text), where)
        if not re.search(r"\s", local.path) or files.exists(local.path):
            return local
    try:
        return Declared(specifier(text), line)
    except InvalidRequirement as error:
        what = f"is no requirement: {_reason(error)}"
        raise MistakesError((_mistake(line, text, what),)) from None


def project_name(folder: str, files: ImageFiles) -> str:
    """The normalised name of the project in a folder of the image; empty where it is not said."""
    content = files.read(posixpath.join(folder, "pyproject.toml"))
    if content is None:
        return ""
    try:
        data: Any = parse(content, "pyproject.toml").data
    except MistakesError:
        return ""
    for keys in (("project", "name"), ("tool", "poetry", "name")):
        found = data
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            return canonicalize_name(found)
    return ""


def archive_name(filename: str) -> str:
    """The distribution's normalised name by its wheel's or sdist's file name; empty for others."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[0]
        return parse_sdist_filename(filename)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


def _local(parts: _Parts, where: _Where, name: str = "") -> Local:
    place = parts.place
    if place.lower().startswith("file:"):
        name = name or _egg(place)[0]
        place = unquote(urlsplit(place).path) or "."
    # POSIX lets two slashes at the start mean something else, and normpath keeps them.
    path = "/" + posixpath.normpath(posixpath.join(where.cwd, place)).lstrip("/")
    if not name:
        archive = path.endswith(_ARCHIVES) and not where.files.is_folder(path)
        base = posixpath.basename(path)
        name = archive_name(base) if archive else project_name(path, where.files)
    name = canonicalize_name(name)
    return Local(path, where.line, name, parts.extras, where.editable, parts.marker)


def _url(parts: _Parts, line: Line) -> Declared | Note:
    url = urlsplit(parts.place)
    name, extras = _egg(parts.place)
    extras |= parts.extras
    name = name or archive_name(posixpath.basename(unquote(url.path)))
    listed = f"[{','.join(sorted(extras))}]" if extras else ""
    condition = f" ; {parts.marker}" if parts.marker else ""
    address = parts.place.partition("#")[0]
    try:
        return Declared(specifier(f"{name}{listed} @ {address}{condition}"), line)
    except InvalidRequirement:
        return Note(line, f"what {address} installs, as it does not name a distribution")


def _refuse_broken(url: str, line: Line) -> None:
    try:
        urlsplit(url)
    except ValueError as error:
        what = f"is no URL: {error}"
        raise MistakesError((_mistake(line, url, what),)) from None


def _egg(url: str) -> tuple[str, frozenset[str]]:
    """The name and extras in a URL's fragment, as in ``#egg=name[extra]``."""
    found = re.search(r"(?:^|&)egg=([^&]+)", urlsplit(url).fragment)
    # Older versions of pip took a version there too, as in #egg=name==1.0.
    name = re.split(r"[=<>!~ ]", unquote(found[1]), maxsplit=1)[0] if found else ""
    bracketed = _EXTRAS.fullmatch(name)
    return (bracketed[1], _names(bracketed[2])) if bracketed else (name, frozenset())


def _parts(text: str) -> _Parts:
    separator = _URL_CONDITION if _URL.match(text) else ";"
    place, *conditions = re.split(separator, text, maxsplit=1)
    marker = "".join(conditions).strip()
    bracketed = _EXTRAS.fullmatch(place.strip())
    if bracketed:
        return _Parts(bracketed[1], _names(bracketed[2]), marker)
    return _Parts(place.strip(), frozenset(), marker)


def _names(text: str) -> frozenset[str]:
    return frozenset(canonicalize_name(name.strip()) for name in text.split(",") if name.strip())


def _is_path_url(url: str) -> bool:
    return url.lower().startswith("file:") or (not _URL.match(url) and _looks_like_path(url))


def _looks_like_path(text: str) -> bool:
    place = text.partition(";")[0].strip()
    return place.startswith(".") or "/" in place or place.lower().endswith(_ARCHIVES)


def _reason(error: InvalidRequirement) -> str:
    reason = str(error).partition("\n")[0].strip()
    return reason[:1].lower() + reason[1:]


def _mistake(line: Line, text: str, what: str) -> Mistake:
    subject = text if len(text) <= 80 else f"{text[:77]}..."
    operator = re.search(r"[^=<>!~]=[^=]", text.partition(";")[0])
    suggestion = "did you mean ==?" if operator else ""
    return Mistake(
        file=line.file, line=line.line, subject=subject, what=what, suggestion=suggestion
    )
