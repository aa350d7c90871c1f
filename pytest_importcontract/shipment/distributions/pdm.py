"""PDM's command line: https://pdm-project.org/en/latest/reference/cli/."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

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
from pytest_importcontract.shipment.distributions.options import Given, Options, is_on

_GENERAL = """-h --help
-V --version
-v --verbose
-q --quiet
-c --config =
-I --ignore-python
--pep582
-n --non-interactive
-g --global
-p --project =
-L --lockfile =
-k --skip =
--venv ="""
_GROUPS = """-G --with --group =
--without =
--no-default
-d --dev
--prod --production"""
GLOBAL = Options(_GENERAL)
_INSTALL = Options(f"""{_GENERAL}
{_GROUPS}
--override =
--dry-run
--no-lock --frozen-lockfile
--check
--plugins
--no-editable
--no-self
-x --fail-fast
--no-isolation
-C --config-setting =
--clean
--only-keep --clean-unselected
-r --reinstall
--no-clean""")
_EXPORT = Options(f"""{_GENERAL}
{_GROUPS}
-f --format =
--no-hashes --without-hashes
--no-markers
--no-extras
-o --output =
--pyproject
--expandvars
--self
--editable-self""")


def pdm(words: Sequence[str], folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What ``pdm WORDS`` asks; parameters as in `poetry`, and `env`, its variables."""
    before, command, rest = command_of(GLOBAL, words)
    words = before + rest
    match command:
        case "install" | "sync":
            given = _INSTALL.read(words)
            if given.has("--dry-run", "--help", "--plugins") or (
                given.has("--check") and command == "install" and given.has("--no-lock")
            ):
                return ()
            if given.last("--venv") or given.has("--global"):
                what = "PDM is told of an environment that is not the project's"
                return (Unread(what, None),)
            project = Sync(
                tool="pdm",
                place=Place(Where.PDM, folder=_folder(given, folder, env)),
                selection=_selection(given),
                install=not (given.has("--no-self", "--no-default") or is_on(env, "PDM_NO_SELF")),
                editable=not (given.has("--no-editable") or is_on(env, "PDM_NO_EDITABLE")),
                exact=command == "sync" and given.has("--clean", "--clean-unselected"),
            )
            return and_unknown((project,), given, project.place)
        case "export":
            given = _EXPORT.read(words)
            folder = _folder(given, folder, env)
            project = Sync(
                tool="pdm",
                place=Place(Where.PDM, folder=folder),
                selection=_selection(given),
                install=given.has("--self", "--editable-self"),
            )
            return (export_of(given.last("--output"), folder, project),)
        case "add":
            given = (_INSTALL + Options("--no-sync\n-e --editable =\n-u --unconstrained")).read(
                words
            )
            if given.has("--dry-run", "--no-sync", "--help"):
                return ()
            place = Place(Where.PDM, folder=_folder(given, folder, env))
            return added(given, place, "pdm")
        case "remove":
            return (Unread(LEFT, Place(Where.PDM, folder=folder)),)
        case "config":
            given = GLOBAL.read(words)
            return (Configure("pdm", *given.words[:2]),) if len(given.words) > 1 else ()
        case "build":
            return (built(_folder(GLOBAL.read(words), folder, env), ""),)
        case _:
            return ()


def _folder(given: Given, folder: str, env: Mapping[str, str]) -> str:
    project = given.last("--project") or env.get("PDM_PROJECT", "")
    return posixpath.normpath(posixpath.join(folder, project))


def _selection(given: Given) -> Selection:
    """PDM takes extras and groups by the same option, and ``:all`` for all of them."""
    names = given.names("--group")
    return Selection(
        main=not given.has("--no-default"),
        defaults=not given.has("--production"),
        groups=tuple(name for name in names if name != ":all"),
        without=given.names("--without"),
        all_groups=":all" in names and not given.has("--production"),
        extras=tuple(name for name in names if name != ":all"),
        without_extras=given.names("--without"),
        all_extras=":all" in names,
    )
