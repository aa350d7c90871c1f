"""Poetry's command line: https://python-poetry.org/docs/cli/."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from pytest_importcontract.shipment.distributions.asks import (
    Ask,
    Configure,
    Place,
    Selection,
    Sync,
    Unread,
    Where,
    and_unknown,
)
from pytest_importcontract.shipment.distributions.managers import (
    LEFT,
    added,
    built,
    command_of,
    export_of,
)
from pytest_importcontract.shipment.distributions.options import Given, Options

_GENERAL = """-h --help
-q --quiet
-V --version
--ansi
--no-ansi
-n --no-interaction
--no-plugins
--no-cache
-P --project =
-C --directory =
-v --verbose"""
_GROUPS = """--without =
--with =
--only =
--no-dev
--dev
--dev-only
-E --extras =
--all-extras
--all-groups"""
GLOBAL = Options(_GENERAL)
_INSTALL = Options(f"""{_GENERAL}
{_GROUPS}
--sync
--remove-untracked
--no-root
--no-directory
--dry-run
--only-root
--compile""")
_EXPORT = Options(f"""{_GENERAL}
{_GROUPS}
-f --format =
-o --output =
--without-hashes
--without-urls
--with-credentials""")
_ADD = Options(f"""{_GENERAL}
-G --group =
-D --dev
-e --editable
-E --extras =
--optional =
--python =
--platform =
--markers =
--source =
--allow-prereleases
--dry-run
--lock""")
_CONFIG = Options(f"{_GENERAL}\n--list\n--unset\n--local\n--migrate")
_BUILD = Options(f"{_GENERAL}\n-f --format =\n-o --output =\n--clean\n--local-version =")


def poetry(words: Sequence[str], folder: str) -> tuple[Ask, ...]:
    """What ``poetry WORDS`` asks.

    Args:
        words: the command line behind ``poetry``.
        folder: the working folder.
    """
    before, command, rest = command_of(GLOBAL, words)
    words = before + rest
    match command:
        case "install" | "sync":
            given = _INSTALL.read(words)
            if given.has("--dry-run", "--help"):
                return ()
            selected = _selection(given)
            if given.has("--only-root"):
                selected = Selection(main=False, defaults=False)
            project = Sync(
                tool="poetry",
                place=Place(Where.POETRY, folder=_folder(given, folder)),
                selection=selected,
                install=not given.has("--no-root"),
                members=not given.has("--no-directory"),
                exact=command == "sync" or given.has("--sync", "--remove-untracked"),
            )
            return and_unknown((project,), given, project.place)
        case "export":
            given = _EXPORT.read(words)
            selected = _selection(given, export=True)
            folder = _folder(given, folder)
            project = Sync(
                tool="poetry",
                place=Place(Where.POETRY, folder=folder),
                selection=selected,
                install=False,
            )
            return (export_of(given.last("--output"), folder, project),)
        case "add":
            given = _ADD.read(words)
            if given.has("--dry-run", "--lock", "--help"):
                return ()
            place = Place(Where.POETRY, folder=_folder(given, folder))
            return added(given, place, "poetry")
        case "remove":
            return (Unread(LEFT, Place(Where.POETRY, folder=folder)),)
        case "config":
            given = _CONFIG.read(words)
            if given.has("--unset") and given.words:
                return (Configure("poetry", given.words[0], ""),)
            if len(given.words) > 1:
                return (Configure("poetry", given.words[0], given.words[1]),)
            return ()
        case "build":
            given = _BUILD.read(words)
            return (built(_folder(given, folder), given.last("--output")),)
        case _:
            return ()


def _folder(given: Given, folder: str) -> str:
    return posixpath.normpath(
        posixpath.join(folder, given.last("--directory"), given.last("--project"))
    )


def _selection(given: Given, *, export: bool = False) -> Selection:
    extras = given.names("--extras")
    all_extras = given.has("--all-extras")
    if only := given.names("--only"):
        return Selection(
            main="main" in only,
            defaults=False,
            groups=tuple(name for name in only if name != "main"),
            extras=extras,
            all_extras=all_extras,
        )
    if given.has("--dev-only"):
        return Selection(main=False, defaults=False, groups=("dev",))
    without = given.names("--without")
    groups = given.names("--with") + (("dev",) if given.has("--dev") else ())
    return Selection(
        main="main" not in without,
        defaults=not export,
        groups=groups,
        without=without + (("dev",) if given.has("--no-dev") else ()),
        all_groups=given.has("--all-groups"),
        extras=extras,
        all_extras=all_extras,
    )
