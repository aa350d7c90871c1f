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
)
from pytest_importcontract.shipment.distributions.options import Given, Options, is_on
from pytest_importcontract.shipment.distributions.pip import is_python

_GENERAL = """-h --help
-V --version
-q --quiet
-v --verbose
-n --no-cache --no-cache-dir
--cache-dir =
-p --python =
--managed-python
--no-managed-python
--python-preference =
--allow-python-downloads
--no-python-downloads
--python-fetch =
--color =
--no-color
--native-tls
--no-native-tls
--system-certs
--offline
--no-offline
--allow-insecure-host --trusted-host =
--preview
--no-preview
--preview-features =
--no-progress
--directory =
--project =
--config-file =
--no-config
--isolated"""
_RESOLVER = """--index =
--default-index =
-i --index-url =
--extra-index-url =
-f --find-links =
--no-index
--index-strategy =
--keyring-provider =
-U --upgrade
--no-upgrade
-P --upgrade-package =
--upgrade-group =
--resolution =
--prerelease =
--prerelease-package =
--pre
--fork-strategy =
--exclude-newer =
--exclude-newer-package =
--no-sources
--no-sources-package =
--reinstall --force-reinstall
--no-reinstall
--reinstall-package =
--link-mode =
--compile-bytecode --compile
--no-compile-bytecode --no-compile
-C --config-setting --config-settings =
--config-settings-package =
--no-build-isolation
--build-isolation
--no-build-isolation-package =
--no-build-package =
--no-binary-package =
--require-build-hashes
--no-require-build-hashes
--refresh
--no-refresh
--refresh-package =
--python-platform =
--torch-backend ="""
_SELECTION = """--extra =
--all-extras
--no-all-extras
--no-extra =
--dev
--no-dev
--only-dev
--group =
--no-group =
--no-default-groups
--only-group =
--all-groups
--no-editable
--editable
--no-editable-package =
--locked
--no-locked
--frozen
--no-frozen
--active
--no-active
--all-packages
--package =
--script =
--no-build
--build
--no-binary
--binary"""
_PARTS = """--no-install-project
--install-project
--no-install-workspace
--no-install-local
--no-install-package =
--only-install-project
--only-install-workspace
--only-install-local
--only-install-package ="""
_GLOBAL = Options(_GENERAL)
_PROJECT = Options(f"{_GENERAL}\n{_RESOLVER}\n{_SELECTION}")
_SYNC = _PROJECT + Options(
    f"{_PARTS}\n--inexact --no-exact\n--exact\n--dry-run\n--check\n--output-format ="
)
_RUN = _PROJECT + Options("""-m --module
-w --with =
--with-editable =
--with-requirements =
--env-file =
--no-env-file
--no-sync
--sync
--exact
--inexact
--no-project --no-workspace
-s --script
--gui-script
--show-resolution
--max-recursion-depth =""")
_EXPORT = _PROJECT + Options("""--format =
--prune =
--no-annotate
--annotate
--no-header
--header
--emit-index-url
--emit-find-links
--no-hashes
--hashes
-o --output-file =
--no-emit-project
--no-emit-workspace
--no-emit-local
--no-emit-package =
--only-emit-project
--only-emit-workspace
--only-emit-local
--only-emit-package =""")
_ADD = Options(f"{_GENERAL}\n{_RESOLVER}\n{_PARTS}") + Options("""-r --requirements =
-c --constraints =
-m --marker =
--dev
--optional =
--group =
--editable
--no-editable
--raw
--bounds =
--rev =
--tag =
--branch =
--lfs
--extra =
--no-sync
--sync
--locked
--frozen
--active
--package =
--script =
--workspace
--no-workspace
--no-build
--no-binary""")
_PIP = Options(f"{_GENERAL}\n{_RESOLVER}") + Options("""-r --requirements --requirement =
-e --editable =
--no-editable
--no-editable-package =
-c --constraints --constraint =
--overrides --override =
--excludes --exclude =
-b --build-constraints --build-constraint =
--extra =
--all-extras
--cert =
--group =
--no-deps
--deps
--require-hashes
--no-require-hashes
--verify-hashes
--no-verify-hashes
--system
--no-system
--break-system-packages
--no-break-system-packages
-t --target =
--prefix =
--no-build
--no-binary =
--only-binary =
--python-version =
--exact
--inexact
--strict
--no-strict
--dry-run
--check
--output-format =
--user
-y --yes
--root =
--allow-empty-requirements
--no-allow-empty-requirements
--disable-pip-version-check""")
_COMPILE = Options(f"{_GENERAL}\n{_RESOLVER}") + Options("""-c --constraints --constraint =
--overrides --override =
--excludes =
-b --build-constraints =
--extra =
--all-extras
--group =
--cert =
--no-deps
-o --output-file =
--format =
--no-strip-extras
--strip-extras
--no-strip-markers
--strip-markers
--no-annotate
--annotate
--no-header
--header
--annotation-style =
--custom-compile-command =
--system
--no-system
--generate-hashes
--no-generate-hashes
--no-build
--no-binary =
--only-binary =
--python-version =
--universal
--no-universal
--no-emit-package --unsafe-package =
--emit-index-url
--emit-find-links
--emit-build-options
--emit-marker-expression
--emit-index-annotation
--src-files
--allow-unsafe""")
_VENV = Options(f"{_GENERAL}\n{_RESOLVER}") + Options("""--no-project --no-workspace
--seed
-c --clear
--no-clear
--force
--allow-existing
--prompt =
--system-site-packages
--relocatable
--system
--no-system""")
_BUILD = Options(f"{_GENERAL}\n{_RESOLVER}") + Options("""--package =
--all-packages --all
-o --out-dir =
--sdist
--wheel
--list
--no-build-logs
--force-pep517
--clear
--no-create-gitignore
-b --build-constraints =
--require-hashes
--no-verify-hashes
--no-build
--no-binary""")

_DRY = ("--dry-run", "--check", "--help", "--version")
_VERSION = re.compile(r"(?:(?:c?python|pypy)?@?[\d.<>=~!,*]+t?|c?python|pypy|[a-z]+-[\d.]+\S*)\Z")


def uv(words: Sequence[str], folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    """What ``uv WORDS`` asks; what ``uv run`` runs is not looked at here, see `run`.

    Args:
        words: the command line behind ``uv``.
        folder: the working folder.
        env: its variables; ``UV_NO_DEV`` and its like are options.
    """
    leading = _GLOBAL.read(words, leading=True)
    if not leading.words or leading.has("--help", "--version"):
        return ()
    command, *rest = leading.words
    before = list(words[: len(words) - len(leading.words)])
    if command == "pip" and rest:
        return _pip(rest[0], [*before, *rest[1:]], folder, env)
    match command:
        case "sync":
            return _sync(_SYNC.read(before + rest), folder, env)
        case "run":
            return _synced_by_run(_RUN.read(before + rest, leading=True), folder, env)
        case "add" | "remove":
            return _add(_ADD.read(before + rest), folder, env, command)
        case "export":
            return _export(_EXPORT.read(before + rest), folder, env)
        case "venv":
            return _venv(_VENV.read(before + rest), folder, env)
        case "build":
            given = _BUILD.read(before + rest)
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
    leading = _GLOBAL.read(words, leading=True)
    if not leading.words or leading.words[0] != "run":
        return None
    before = words[: len(words) - len(leading.words)]
    given = _RUN.read([*before, *leading.words[1:]], leading=True)
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


def _unknown(given: Given, place: Place) -> tuple[Ask, ...]:
    if not given.unknown:
        return ()
    return (Unread(f"it has options that are not known: {', '.join(given.unknown)}", place),)


def _sync(given: Given, folder: str, env: Mapping[str, str]) -> tuple[Ask, ...]:
    if given.has(*_DRY):
        return ()
    project = _project(given, folder, env)
    asked: tuple[Ask, ...] = (project, *_unknown(given, project.place))
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
    return (project, *_unknown(given, project.place))


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
    return (*asked, *_unknown(given, place))


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
    given = (_COMPILE if command == "compile" else _PIP).read(words)
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
            return (Uninstall(place, folder, given.words, files), *_unknown(given, place))
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
    return (install, *_unknown(given, place))


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
