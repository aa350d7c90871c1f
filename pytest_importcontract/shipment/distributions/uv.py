"""uv's command line: https://docs.astral.sh/uv/reference/cli/."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pytest_importcontract.shipment.distributions.asks import (
    Ask,
    Collect,
    Create,
    Export,
    Install,
    Place,
    Selection,
    Sync,
    Target,
    Uninstall,
    Unread,
    Where,
    and_unknown,
)
from pytest_importcontract.shipment.distributions.options import Given, is_on
from pytest_importcontract.shipment.distributions.pip import is_python
from pytest_importcontract.shipment.distributions.uv_options import (
    ADD,
    BUILD,
    COMPILE,
    EXPORT,
    GLOBAL,
    PIP,
    RUN,
    SYNC,
    VENV,
)

_DRY = ("--dry-run", "--check", "--help", "--version")
_VERSION = re.compile(r"(?:(?:c?python|pypy)?@?[\d.<>=~!,*]+t?|c?python|pypy|[a-z]+-[\d.]+\S*)\Z")


def uv(words: Sequence[str], folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What ``uv WORDS`` asks; what ``uv run`` runs is not looked at here, see `run`.

    Args:
        words: the command line behind ``uv``.
        folder: the working folder.
        env: its variables; ``UV_NO_DEV`` and its like are options.
    """
    leading = GLOBAL.read(words, leading=True)
    if not leading.words or leading.has("--help", "--version"):
        return ()
    command, *rest = leading.words
    before = list(words[: len(words) - len(leading.words)])
    if command == "pip" and rest:
        return _pip(rest[0], [*before, *rest[1:]], folder, env)
    match command:
        case "sync":
            return _sync(SYNC.read(before + rest), folder, env)
        case "run":
            return _synced_by_run(RUN.read(before + rest, leading=True), folder, env)
        case "add" | "remove":
            return _add(ADD.read(before + rest), folder, env, command)
        case "export":
            return _export(EXPORT.read(before + rest), folder, env)
        case "venv":
            return _venv(VENV.read(before + rest), folder, env)
        case "build":
            given = BUILD.read(before + rest)
            folder = _directory(given, folder, env)
            source = posixpath.join(folder, *given.words[:1])
            out = posixpath.join(folder, given.last("--out-dir") or posixpath.join(source, "dist"))
            install = Install(
                place=Place(Where.TARGET, out), folder=folder, targets=(Target(source),), deps=False
            )
            return (Collect(posixpath.normpath(out), install, projects=True),)
        case _:  # tools have environments of their own; locks, caches and Pythons hold nothing
            return ()


def run(
    words: Sequence[str], folder: str, env: Mapping[str, str]
) -> tuple[Place, tuple[str, ...]] | None:
    """The environment in which ``uv run`` runs something, and the command line of that.

    None where ``uv WORDS`` runs nothing. Parameters as in `uv`.
    """
    leading = GLOBAL.read(words, leading=True)
    if not leading.words or leading.words[0] != "run":
        return None
    before = words[: len(words) - len(leading.words)]
    given = RUN.read([*before, *leading.words[1:]], leading=True)
    place = _project_place(given, folder, env)
    if given.has("--module"):
        return place, ("python", "-m", *given.words)
    if given.has("--script") or (given.words and given.words[0].endswith(".py")):
        return place, ("python", *given.words)
    return place, given.words


def selection(given: Given, env: Mapping[str, str]) -> Selection:
    """Which parts the options of ``uv sync``, ``run`` and ``export`` select."""
    only = given.names("--only-group")
    if given.has("--only-dev"):
        only += ("dev",)
    without = given.names("--no-group") + tuple(env.get("UV_NO_GROUP", "").split())
    if given.has("--no-dev") or (is_on(env, "UV_NO_DEV") and not given.has("--dev")):
        without += ("dev",)
    groups = given.names("--group")
    if given.has("--dev") or is_on(env, "UV_DEV"):
        groups += ("dev",)
    no_defaults = given.has("--no-default-groups") or is_on(env, "UV_NO_DEFAULT_GROUPS")
    return Selection(
        main=not only,
        defaults=not (only or no_defaults),
        groups=only + groups,
        without=without,
        all_groups=given.has("--all-groups"),
        extras=given.names("--extra"),
        without_extras=given.names("--no-extra"),
        all_extras=given.has("--all-extras"),
    )


def _directory(given: Given, folder: str, env: Mapping[str, str]) -> str:
    """The folder that relative paths start from."""
    directory = given.last("--directory") or env.get("UV_WORKING_DIR", "")
    return posixpath.normpath(posixpath.join(folder, directory))


def _project_folder(given: Given, folder: str, env: Mapping[str, str]) -> str:
    project = given.last("--project") or env.get("UV_PROJECT", "")
    return posixpath.normpath(posixpath.join(_directory(given, folder, env), project))


def _project_place(given: Given, folder: str, env: Mapping[str, str]) -> Place:
    folder = _project_folder(given, folder, env)
    if given.has("--active") and env.get("VIRTUAL_ENV"):
        return Place(Where.PREFIX, env["VIRTUAL_ENV"].rstrip("/"), folder)
    return Place(Where.UV, env.get("UV_PROJECT_ENVIRONMENT", ""), folder)


def _project(given: Given, folder: str, env: Mapping[str, str]) -> Sync:
    selected = selection(given, env)
    only = given.names("--only-install-package") or given.has(
        "--only-install-project", "--only-install-workspace", "--only-install-local"
    )
    local = given.has("--no-install-local", "--no-emit-local") or is_on(env, "UV_NO_INSTALL_LOCAL")
    workspace = local or given.has("--no-install-workspace", "--no-emit-workspace")
    no_project = given.has("--no-install-project", "--no-emit-project")
    return Sync(
        tool="uv",
        place=_project_place(given, folder, env),
        selection=selected,
        package=given.values("--package"),
        all_packages=given.has("--all-packages"),
        install=selected.main
        and not (workspace or no_project or is_on(env, "UV_NO_INSTALL_PROJECT")),
        members=not workspace,
        without=given.names("--no-install-package", "--no-emit-package"),
        editable=not (given.has("--no-editable") or is_on(env, "UV_NO_EDITABLE")),
        exact=not (given.has("--no-exact") or only),
    )


def _sync(given: Given, folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    if given.has(*_DRY):
        return ()
    project = _project(given, folder, env)
    asked: tuple[Ask, ...] = (project, *and_unknown((), given, project.place))
    if given.has("--script"):
        return (Unread("a script's own environment is not the project's"),)
    if given.has("--only-install-project", "--only-install-workspace", "--only-install-local"):
        return (Unread("only local projects are installed", project.place),)
    if given.values("--only-install-package"):
        return (Unread("only some packages are installed", project.place),)
    return asked


def _synced_by_run(given: Given, folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """``uv run`` brings the project's environment up to date before it runs anything."""
    apart = given.has("--no-sync", "--no-project", "--script", "--isolated", "--help")
    if apart or is_on(env, "UV_NO_SYNC", "UV_NO_PROJECT", "UV_ISOLATED"):
        return ()
    project = _project(given, folder, env)
    if not given.has("--exact"):
        project = replace(project, exact=False)
    return (project, *and_unknown((), given, project.place))


def _add(given: Given, folder: str, env: Mapping[str, str], command: str) -> tuple[Ask, ...]:
    if given.has("--no-sync", *_DRY) or is_on(env, "UV_NO_SYNC", "UV_FROZEN"):
        return ()
    project = _project(given, folder, env)
    place = project.place
    if command == "remove":
        return (Unread("what is left of the manifest is not known", place),)
    if given.has("--script"):
        return ()
    asked: list[Ask] = []
    if given.words or given.values("--requirements"):
        extras = given.names("--extra")
        suffix = f"[{','.join(extras)}]" if extras else ""
        texts = [f"{word}{suffix}" for word in given.words]
        asked.append(
            Install(
                place=place,
                folder=_directory(given, folder, env),
                targets=tuple(Target(text) for text in texts),
                files=given.values("--requirements"),
            )
        )
    asked.append(replace(project, exact=False))
    return (*asked, *and_unknown((), given, place))


def _export(given: Given, folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    if given.has(*_DRY):
        return ()
    output = given.last("--output-file")
    if output:
        output = posixpath.normpath(posixpath.join(_directory(given, folder, env), output))
    return (Export(output, _project(given, folder, env)),)


def _venv(given: Given, folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    if given.has("--help"):
        return ()
    default = env.get("UV_PROJECT_ENVIRONMENT", "") or ".venv"
    path = given.words[0] if given.words else default
    prefix = posixpath.normpath(posixpath.join(_directory(given, folder, env), path))
    return (
        Create(
            prefix,
            "uv",
            seeded=given.has("--seed") or is_on(env, "UV_VENV_SEED"),
            system=given.has("--system-site-packages"),
            python=given.last("--python") or env.get("UV_PYTHON", ""),
        ),
    )


def _pip(
    command: str, words: Sequence[str], folder: str, env: Mapping[str, str]
) -> tuple[Ask, ...]:
    given = (COMPILE if command == "compile" else PIP).read(words)
    if given.has(*_DRY):
        return ()
    folder = _directory(given, folder, env)
    place = _pip_place(given, folder, env)
    files = given.values("--requirement")
    links = given.values("--find-links") + tuple(env.get("UV_FIND_LINKS", "").split(","))
    selected = Selection(extras=given.names("--extra"), all_extras=given.has("--all-extras"))
    match command:
        case "install":
            targets = [Target(word) for word in given.words]
            targets += [Target(word, editable=True) for word in given.values("--editable")]
            exact = given.has("--exact")
        case "sync":
            targets, files, exact = [], given.words, True
        case "uninstall":
            return (Uninstall(place, folder, given.words, files), *and_unknown((), given, place))
        case "compile":
            source = Install(
                place=place,
                folder=folder,
                files=given.words,
                selection=selected,
                groups=given.values("--group"),
                deps=not given.has("--no-deps"),
            )
            output = given.last("--output-file")
            return (
                Export(
                    posixpath.normpath(posixpath.join(folder, output)) if output else "", source
                ),
            )
        case _:
            return ()
    install = Install(
        place=place,
        folder=folder,
        targets=tuple(targets),
        files=files,
        groups=given.values("--group"),
        selection=selected,
        deps=command == "install" and not given.has("--no-deps"),
        exact=exact,
        links=tuple(filter(None, links)),
        local=given.has("--no-index") or is_on(env, "UV_NO_INDEX"),
    )
    return (install, *and_unknown((), given, place))


def _pip_place(given: Given, folder: str, env: Mapping[str, str]) -> Place:
    for option, where in (("--target", Where.TARGET), ("--prefix", Where.PREFIX)):
        if path := given.last(option):
            return Place(where, posixpath.normpath(posixpath.join(folder, path)))
    python = given.last("--python") or env.get("UV_PYTHON", "")
    if python and not _VERSION.match(python):
        if is_python(python):
            return Place(Where.PROGRAM, python)
        return Place(Where.PREFIX, posixpath.normpath(posixpath.join(folder, python)))
    system = is_on(env, "UV_SYSTEM_PYTHON") and not given.has("--no-system")
    if given.has("--system") or system:
        return Place(Where.SYSTEM)
    return Place(Where.UV_PIP, env.get("VIRTUAL_ENV", ""), folder)
