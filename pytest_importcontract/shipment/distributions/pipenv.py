"""Pipenv's command line: https://pipenv.pypa.io/en/latest/commands.html."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from pytest_importcontract.shipment.distributions.asks import (
    Ask,
    Export,
    Install,
    Place,
    Selection,
    Sync,
    Target,
    Unread,
    Where,
    and_unknown,
)
from pytest_importcontract.shipment.distributions.managers import (
    LEFT,
    command_of,
)
from pytest_importcontract.shipment.distributions.options import Given, Options

_GENERAL = """-h --help
--bare
--clear
-v --verbose
-q --quiet
--pypi-mirror =
--pre
--python =
--three
--two
--site-packages
--no-site-packages
--extra-pip-args =
--resolver ="""
_INSTALL = Options(f"""{_GENERAL}
--system
--deploy
-d --dev
--categories =
--extras =
--all
--config-settings =
-i --index =
-r --requirements =
--ignore-pipfile
-e --editable =
--skip-lock
--keep-outdated
--selective-upgrade
--sequential
--clean
--no-lock""")
GLOBAL = Options(_GENERAL)
_EXPORT = Options(f"""{_GENERAL}
--dev
-d --dev
--dev-only
--hash
--exclude-markers
--exclude-index
--categories =
--from-pipfile
--no-lock
-r --requirements""")


def pipenv(words: Sequence[str], folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What ``pipenv WORDS`` asks; parameters as in `pdm`."""
    before, command, rest = command_of(GLOBAL, words)
    words = before + rest
    if pipfile := env.get("PIPENV_PIPFILE", ""):
        folder = posixpath.dirname(posixpath.join(folder, pipfile))
    match command:
        case "install" | "sync":
            given = _INSTALL.read(words)
            if given.has("--help"):
                return ()
            place = (
                Place(Where.PROGRAM, "python", folder)
                if given.has("--system")
                else Place(Where.PIPENV, folder=folder)
            )
            targets = [Target(word) for word in given.words]
            targets += [Target(word, editable=True) for word in given.values("--editable")]
            asked: tuple[Ask, ...] = ()
            if files := given.values("--requirements"):
                asked = (Install(place=place, folder=folder, files=files),)
            if targets:
                asked += (Install(place=place, folder=folder, targets=tuple(targets)),)
            project = Sync(
                tool="pipenv",
                place=place,
                selection=_selection(given),
                install=False,
                exact=given.has("--clean"),
            )
            return and_unknown((*asked, project), given, place)
        case "requirements":
            given = _EXPORT.read(words)
        case "lock" if {"-r", "--requirements"} & set(words):
            given = _EXPORT.read(words)
        case "uninstall" | "update" | "upgrade":
            return (Unread(LEFT, Place(Where.PIPENV, folder=folder)),)
        case _:
            return ()
    project = Sync(
        tool="pipenv",
        place=Place(Where.PIPENV, folder=folder),
        selection=_selection(given),
        install=False,
    )
    return (Export("", project),)


def _selection(given: Given) -> Selection:
    categories = given.names("--categories")
    dev = ("dev-packages",) if given.has("--dev", "--dev-only") else ()
    if categories:
        named = tuple(_SECTIONS.get(name, name) for name in categories)
        main = "packages" in named
        return Selection(
            main=main,
            defaults=False,
            groups=tuple(name for name in named if name != "packages"),
        )
    return Selection(
        main=not given.has("--dev-only"),
        defaults=False,
        groups=dev + given.names("--extras"),
        all_groups=given.has("--all"),
    )


_SECTIONS = {"default": "packages", "develop": "dev-packages"}
"""How Pipfile.lock names what a Pipfile calls otherwise."""
