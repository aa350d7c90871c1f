"""Command lines of Poetry, PDM and Pipenv, which keep an environment for each project.

Their references: https://python-poetry.org/docs/cli/, https://pdm-project.org/en/latest/reference/cli/,
https://pipenv.pypa.io/en/latest/commands.html.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from pytest_importcontract.shipment.distributions.asks import (
    Ask,
    Collect,
    Configure,
    Export,
    Install,
    Place,
    Selection,
    Sync,
    Target,
    Unread,
    Where,
)
from pytest_importcontract.shipment.distributions.options import Given, Options, is_on

_POETRY_GENERAL = """-h --help
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
_POETRY_GROUPS = """--without =
--with =
--only =
--no-dev
--dev
--dev-only
-E --extras =
--all-extras
--all-groups"""
_POETRY_GLOBAL = Options(_POETRY_GENERAL)
_POETRY_INSTALL = Options(f"""{_POETRY_GENERAL}
{_POETRY_GROUPS}
--sync
--remove-untracked
--no-root
--no-directory
--dry-run
--only-root
--compile""")
_POETRY_EXPORT = Options(f"""{_POETRY_GENERAL}
{_POETRY_GROUPS}
-f --format =
-o --output =
--without-hashes
--without-urls
--with-credentials""")
_POETRY_ADD = Options(f"""{_POETRY_GENERAL}
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
_POETRY_CONFIG = Options(f"{_POETRY_GENERAL}\n--list\n--unset\n--local\n--migrate")
_POETRY_BUILD = Options(
    f"{_POETRY_GENERAL}\n-f --format =\n-o --output =\n--clean\n--local-version ="
)

_PDM_GENERAL = """-h --help
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
_PDM_GROUPS = """-G --with --group =
--without =
--no-default
-d --dev
--prod --production"""
_PDM_GLOBAL = Options(_PDM_GENERAL)
_PDM_INSTALL = Options(f"""{_PDM_GENERAL}
{_PDM_GROUPS}
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
_PDM_EXPORT = Options(f"""{_PDM_GENERAL}
{_PDM_GROUPS}
-f --format =
--no-hashes --without-hashes
--no-markers
--no-extras
-o --output =
--pyproject
--expandvars
--self
--editable-self""")

_PIPENV_GENERAL = """-h --help
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
_PIPENV_INSTALL = Options(f"""{_PIPENV_GENERAL}
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
_PIPENV_GLOBAL = Options(_PIPENV_GENERAL)
_PIPENV_EXPORT = Options(f"""{_PIPENV_GENERAL}
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


_LEFT = "what it leaves of the manifest is not known"


def poetry(words: Sequence[str], folder: str) -> tuple[Ask, ...]:
    """What ``poetry WORDS`` asks.

    Args:
        words: the command line behind ``poetry``.
        folder: the working folder.
    """
    before, command, rest = _command(_POETRY_GLOBAL, words)
    words = before + rest
    match command:
        case "install" | "sync":
            given = _POETRY_INSTALL.read(words)
            if given.has("--dry-run", "--help"):
                return ()
            selected = _poetry_selection(given)
            if given.has("--only-root"):
                selected = Selection(main=False, defaults=False)
            project = Sync(
                tool="poetry",
                place=Place(Where.POETRY, folder=_poetry_folder(given, folder)),
                selection=selected,
                install=not given.has("--no-root"),
                members=not given.has("--no-directory"),
                exact=command == "sync" or given.has("--sync", "--remove-untracked"),
            )
            return _and_unknown((project,), given, project.place)
        case "export":
            given = _POETRY_EXPORT.read(words)
            selected = _poetry_selection(given, export=True)
            folder = _poetry_folder(given, folder)
            project = Sync(
                tool="poetry",
                place=Place(Where.POETRY, folder=folder),
                selection=selected,
                install=False,
            )
            return (_export(given.last("--output"), folder, project),)
        case "add":
            given = _POETRY_ADD.read(words)
            if given.has("--dry-run", "--lock", "--help"):
                return ()
            place = Place(Where.POETRY, folder=_poetry_folder(given, folder))
            return _added(given, place, "poetry")
        case "remove":
            return (Unread(_LEFT, Place(Where.POETRY, folder=folder)),)
        case "config":
            given = _POETRY_CONFIG.read(words)
            if given.has("--unset") and given.words:
                return (Configure("poetry", given.words[0], ""),)
            if len(given.words) > 1:
                return (Configure("poetry", given.words[0], given.words[1]),)
            return ()
        case "build":
            given = _POETRY_BUILD.read(words)
            return (_built(_poetry_folder(given, folder), given.last("--output")),)
        case _:
            return ()


def pdm(words: Sequence[str], folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What ``pdm WORDS`` asks; parameters as in `poetry`, and `env`, its variables."""
    before, command, rest = _command(_PDM_GLOBAL, words)
    words = before + rest
    match command:
        case "install" | "sync":
            given = _PDM_INSTALL.read(words)
            if given.has("--dry-run", "--help", "--plugins") or (
                given.has("--check") and command == "install" and given.has("--no-lock")
            ):
                return ()
            if given.last("--venv") or given.has("--global"):
                what = "PDM is told of an environment that is not the project's"
                return (Unread(what, None),)
            project = Sync(
                tool="pdm",
                place=Place(Where.PDM, folder=_pdm_folder(given, folder, env)),
                selection=_pdm_selection(given),
                install=not (given.has("--no-self", "--no-default") or is_on(env, "PDM_NO_SELF")),
                editable=not (given.has("--no-editable") or is_on(env, "PDM_NO_EDITABLE")),
                exact=command == "sync" and given.has("--clean", "--clean-unselected"),
            )
            return _and_unknown((project,), given, project.place)
        case "export":
            given = _PDM_EXPORT.read(words)
            folder = _pdm_folder(given, folder, env)
            project = Sync(
                tool="pdm",
                place=Place(Where.PDM, folder=folder),
                selection=_pdm_selection(given),
                install=given.has("--self", "--editable-self"),
            )
            return (_export(given.last("--output"), folder, project),)
        case "add":
            given = (_PDM_INSTALL + Options("--no-sync\n-e --editable =\n-u --unconstrained")).read(
                words
            )
            if given.has("--dry-run", "--no-sync", "--help"):
                return ()
            place = Place(Where.PDM, folder=_pdm_folder(given, folder, env))
            return _added(given, place, "pdm")
        case "remove":
            return (Unread(_LEFT, Place(Where.PDM, folder=folder)),)
        case "config":
            given = _PDM_GLOBAL.read(words)
            return (Configure("pdm", *given.words[:2]),) if len(given.words) > 1 else ()
        case "build":
            return (_built(_pdm_folder(_PDM_GLOBAL.read(words), folder, env), ""),)
        case _:
            return ()


def pipenv(words: Sequence[str], folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What ``pipenv WORDS`` asks; parameters as in `pdm`."""
    before, command, rest = _command(_PIPENV_GLOBAL, words)
    words = before + rest
    if pipfile := env.get("PIPENV_PIPFILE", ""):
        folder = posixpath.dirname(posixpath.join(folder, pipfile))
    match command:
        case "install" | "sync":
            given = _PIPENV_INSTALL.read(words)
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
                selection=_pipenv_selection(given),
                install=False,
                exact=given.has("--clean"),
            )
            return _and_unknown((*asked, project), given, place)
        case "requirements":
            given = _PIPENV_EXPORT.read(words)
        case "lock" if {"-r", "--requirements"} & set(words):
            given = _PIPENV_EXPORT.read(words)
        case "uninstall" | "update" | "upgrade":
            return (Unread(_LEFT, Place(Where.PIPENV, folder=folder)),)
        case _:
            return ()
    project = Sync(
        tool="pipenv",
        place=Place(Where.PIPENV, folder=folder),
        selection=_pipenv_selection(given),
        install=False,
    )
    return (Export("", project),)


def run(program: str, words: Sequence[str]) -> tuple[str, ...] | None:
    """The command line that ``PROGRAM run`` runs in the project's environment; None if none."""
    general = {"poetry": _POETRY_GLOBAL, "pdm": _PDM_GLOBAL, "pipenv": _PIPENV_GLOBAL}[program]
    _, command, rest = _command(general, words)
    if command != "run":
        return None
    return general.read(rest, leading=True).words


def _command(general: Options, words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    leading = general.read(words, leading=True)
    if not leading.words:
        return [], "", []
    return list(words[: len(words) - len(leading.words)]), leading.words[0], [*leading.words[1:]]


def _poetry_folder(given: Given, folder: str) -> str:
    return posixpath.normpath(
        posixpath.join(folder, given.last("--directory"), given.last("--project"))
    )


def _poetry_selection(given: Given, *, export: bool = False) -> Selection:
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


def _pdm_folder(given: Given, folder: str, env: Mapping[str, str]) -> str:
    project = given.last("--project") or env.get("PDM_PROJECT", "")
    return posixpath.normpath(posixpath.join(folder, project))


def _pdm_selection(given: Given) -> Selection:
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


def _pipenv_selection(given: Given) -> Selection:
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


def _export(output: str, folder: str, project: Sync) -> Export:
    return Export(posixpath.normpath(posixpath.join(folder, output)) if output else "", project)


def _built(folder: str, output: str) -> Collect:
    out = posixpath.normpath(posixpath.join(folder, output or "dist"))
    install = Install(
        place=Place(Where.TARGET, out), folder=folder, targets=(Target(folder),), deps=False
    )
    return Collect(out, install, projects=True)


def _added(given: Given, place: Place, tool: str) -> tuple[Ask, ...]:
    """Requirements that are added to the manifest and installed with all the rest of it."""
    targets = [Target(_requirement(word)) for word in given.words]
    targets += [Target(word, editable=True) for word in given.values("--editable") if word]
    asked = (
        Install(place=place, folder=place.folder, targets=tuple(targets)),
        Sync(tool=tool, place=place),
    )
    return _and_unknown(asked, given, place)


def _requirement(word: str) -> str:
    """Poetry's ``name@^1.2`` and ``name@latest`` as a requirement: the version is of no meaning."""
    name, at, rest = word.partition("@")
    return name if at and "://" not in rest and "/" not in rest else word


def _and_unknown(asked: tuple[Ask, ...], given: Given, place: Place) -> tuple[Ask, ...]:
    if not given.unknown:
        return asked
    what = f"it has options that are not known: {', '.join(given.unknown)}"
    return (*asked, Unread(what, place))
