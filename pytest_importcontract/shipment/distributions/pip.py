"""pip's command line: https://pip.pypa.io/en/stable/cli/."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from pytest_importcontract.shipment.distributions.asks import (
    Ask,
    Collect,
    Export,
    Install,
    Place,
    Target,
    Uninstall,
    Unread,
    Where,
    and_unknown,
)
from pytest_importcontract.shipment.distributions.options import Given, Options, is_on

_GENERAL = """-h --help
--debug
--isolated
--require-virtualenv
--python =
-v --verbose
-V --version
-q --quiet
--log --log-file --local-log =
--no-input
--keyring-provider =
--proxy =
--retries =
--timeout --default-timeout =
--exists-action =
--trusted-host =
--cert =
--client-cert =
--cache-dir =
--no-cache-dir
--disable-pip-version-check
--no-color
--no-python-version-warning
--use-feature =
--use-deprecated =
--resume-retries ="""
_INDEX = """-i --index-url --pypi-url =
--extra-index-url =
--no-index
-f --find-links =
--uploaded-prior-to ="""
_BUILD = f"""{_INDEX}
-r --requirement =
--requirements-from-script =
-c --constraint =
--build-constraint =
-e --editable =
--group =
--no-deps --no-dependencies
--pre
--all-releases =
--only-final =
--platform =
--python-version =
--implementation =
--abi =
--src --source --source-dir --source-directory =
--ignore-requires-python
--no-build-isolation
--use-pep517
--no-use-pep517
--check-build-dependencies
-C --config-settings --config-setting =
--global-option =
--build-option =
--no-binary =
--only-binary =
--prefer-binary
--require-hashes
--progress-bar =
--no-clean
--no-verify
-b --build --build-dir =
--root-user-action =
--break-system-packages"""
_INSTALL = Options(
    f"""{_GENERAL}
{_BUILD}
--dry-run
-t --target =
--user
--no-user
--root =
--prefix =
-U --upgrade
--upgrade-strategy =
--force-reinstall
-I --ignore-installed
--compile
--no-compile
--no-warn-script-location
--no-warn-conflicts
--install-option =
--report =""",
    abbreviated=True,
)
_WHEEL = Options(f"{_GENERAL}\n{_BUILD}\n-w --wheel-dir =", abbreviated=True)
_DOWNLOAD = Options(
    f"{_GENERAL}\n{_BUILD}\n-d --dest --destination-dir --destination-directory =",
    abbreviated=True,
)
_UNINSTALL = Options(
    f"{_GENERAL}\n-r --requirement =\n-y --yes\n--root-user-action =\n--break-system-packages",
    abbreviated=True,
)
_COMMON = Options(_GENERAL, abbreviated=True)

_SYNC = Options("""-h --help
--version
-a --ask
-n --dry-run
--force
-f --find-links =
-i --index-url =
--extra-index-url =
--trusted-host =
--no-index
--python-executable =
-v --verbose
-q --quiet
--user
--cert =
--client-cert =
--pip-args =
--config =
--no-config""")
_COMPILE = Options(
    """-h --help
-v --verbose
-q --quiet
-n --dry-run
-p --pre
-r --rebuild
--extra =
--all-extras
-f --find-links =
-i --index-url =
--no-index
--extra-index-url =
--cert =
--client-cert =
--trusted-host =
--header
--no-header
--emit-trusted-host
--no-emit-trusted-host
--annotate
--no-annotate
--annotation-style =
-U --upgrade
-P --upgrade-package =
-o --output-file =
--newline =
--allow-unsafe
--no-allow-unsafe
--strip-extras
--no-strip-extras
--generate-hashes
--reuse-hashes
--no-reuse-hashes
--src-files
--max-rounds =
--build-isolation
--no-build-isolation
--emit-find-links
--no-emit-find-links
--cache-dir =
--pip-args =
--resolver =
--emit-index-url
--no-emit-index-url
--emit-options
--no-emit-options
--unsafe-package =
--config =
--no-config
-c --constraint =
--build-deps-for =
--all-build-deps
--only-build-deps
--color
--no-color""",
)

_PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)\d*(?:\.\d+)*t?\Z")


def pip(words: Sequence[str], folder: str, env: Mapping[str, str], program: str) -> tuple[Ask, ...]:
    """What ``pip WORDS`` asks.

    Args:
        words: the command line behind ``pip`` or ``python -m pip``.
        folder: the working folder.
        env: its variables; ``PIP_TARGET`` and its like are options.
        program: the pip, or the python that runs it, as it was called.
    """
    leading = _COMMON.read(words, leading=True)
    if not leading.words:
        return ()
    command, *rest = leading.words
    words = [*words[: len(words) - len(leading.words)], *rest]
    match command:
        case "install":
            return _install(_INSTALL.read(words), folder, env, program)
        case "uninstall":
            given = _UNINSTALL.read(words)
            files = given.values("--requirement")
            return (Uninstall(_place(given, folder, env, program), folder, given.words, files),)
        case "wheel":
            given = _WHEEL.read(words)
            wheels = given.last("--wheel-dir") or env.get("PIP_WHEEL_DIR", "") or "."
        case "download":
            given = _DOWNLOAD.read(words)
            wheels = given.last("--destination-directory") or env.get("PIP_DEST", "") or "."
        case _:
            return ()
    asked = _install(given, folder, env, program)
    return tuple(
        Collect(posixpath.normpath(posixpath.join(folder, wheels)), ask)
        if isinstance(ask, Install)
        else ask
        for ask in asked
    )


def pip_sync(words: Sequence[str], folder: str, program: str) -> tuple[Ask, ...]:
    """What ``pip-sync WORDS`` of pip-tools asks: exactly what the files name."""
    given = _SYNC.read(words)
    if given.has("--dry-run", "--help", "--version"):
        return ()
    python = given.last("--python-executable")
    place = Place(Where.PROGRAM, python or program)
    if given.has("--user"):
        place = Place(Where.USER)
    files = given.words or ("requirements.txt",)
    install = Install(place=place, folder=folder, files=files, deps=False, exact=True)
    return and_unknown((install,), given, place)


def pip_compile(words: Sequence[str], folder: str) -> tuple[Ask, ...]:
    """What ``pip-compile WORDS`` of pip-tools asks: a requirements file."""
    given = _COMPILE.read(words)
    if given.has("--dry-run", "--help"):
        return ()
    files = given.words or ("requirements.in",)
    output = given.last("--output-file") or posixpath.splitext(files[0])[0] + ".txt"
    source = Install(place=Place(Where.TARGET, folder), folder=folder, files=files)
    return (Export(posixpath.normpath(posixpath.join(folder, output)), source),)


def is_python(word: str) -> bool:
    """Whether a word is how one calls an interpreter, as in ``/opt/venv/bin/python3.12``."""
    return _PYTHON.match(word) is not None


def _install(given: Given, folder: str, env: Mapping[str, str], program: str) -> tuple[Ask, ...]:
    if given.has("--dry-run", "--help", "--version") or is_on(env, "PIP_DRY_RUN"):
        return ()
    place = _place(given, folder, env, program)
    links = given.values("--find-links") + tuple(env.get("PIP_FIND_LINKS", "").split())
    files = given.values("--requirement") + tuple(env.get("PIP_REQUIREMENT", "").split())
    targets = [Target(word) for word in given.words]
    targets += [Target(word, editable=True) for word in given.values("--editable")]
    script = given.last("--requirements-from-script")
    install = Install(
        place=place,
        folder=folder,
        targets=tuple(targets),
        files=files,
        groups=given.values("--group"),
        deps=not (given.has("--no-dependencies") or is_on(env, "PIP_NO_DEPS")),
        links=links,
        local=given.has("--no-index") or is_on(env, "PIP_NO_INDEX"),
    )
    asked = and_unknown((install,), given, place)
    if script:
        asked += (Unread(f"{script} names its own requirements", place),)
    return asked


def _place(given: Given, folder: str, env: Mapping[str, str], program: str) -> Place:
    def absolute(path: str) -> str:
        return posixpath.normpath(posixpath.join(folder, path))

    if target := given.last("--target") or env.get("PIP_TARGET", ""):
        return Place(Where.TARGET, absolute(target))
    if prefix := given.last("--prefix") or env.get("PIP_PREFIX", ""):
        return Place(Where.PREFIX, absolute(prefix))
    if root := given.last("--root") or env.get("PIP_ROOT", ""):
        return Place(Where.PREFIX, absolute(root) + "/usr/local")
    if given.has("--user") or (is_on(env, "PIP_USER") and not given.has("--no-user")):
        return Place(Where.USER)
    if python := given.last("--python") or env.get("PIP_PYTHON", ""):
        if is_python(python):
            program = python
        else:
            return Place(Where.PREFIX, absolute(python))
    return Place(Where.PROGRAM, program)
