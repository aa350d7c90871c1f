"""Which environment a command acts on, by the rules of its tool."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from pytest_importcontract.contract.document import parse
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.shipment.distributions.asks import Place, Where
from pytest_importcontract.shipment.distributions.image_files import ImageFiles
from pytest_importcontract.shipment.distributions.options import is_on
from pytest_importcontract.shipment.distributions.project import Workspace
from pytest_importcontract.shipment.distributions.pyproject import PYPROJECT, read_project
from pytest_importcontract.shipment.distributions.state import State, prefix_of_site

_PARENTS_OF_PIPFILE = 3
_NO = frozenset({"0", "false", "no", "off"})


def locate(
    place: Place, state: State, files: ImageFiles, cwd: str, env: Mapping[str, str]
) -> tuple[str, bool]:
    """The environment that a command acts on.

    Args:
        place: what its command line says.
        state: the image as it is then.
        files: the image's files as they are then.
        cwd: its working folder.
        env: its variables.

    Returns:
        A prefix and False, or a plain folder of modules and True.
    """
    match place.where:
        case Where.PREFIX:
            return place.word, False
        case Where.TARGET:
            prefix = prefix_of_site(place.word)
            return (prefix, False) if prefix else (place.word, True)
        case Where.USER:
            return posixpath.join(env.get("HOME", "~"), ".local"), False
        case Where.PROGRAM:
            return state.program(place.word, cwd, env), False
        case Where.SYSTEM:
            return state.system(env), False
        case Where.UV_PIP:
            return _uv_pip(place, state, env), False
        case Where.UV:
            root = workspace(place.folder, files) or place.folder
            return posixpath.normpath(posixpath.join(root, place.word or ".venv")), False
        case Where.POETRY:
            return _poetry(place.folder, state, files, env), False
        case Where.PDM:
            return _pdm(place.folder, state, files, env)
        case Where.PIPENV:
            return _pipenv(place.folder, state, files, env), False


def project(folder: str, files: ImageFiles, manifest: str = PYPROJECT) -> str:
    """The nearest folder from `folder` upwards that holds the manifest; empty where none does."""
    while not files.exists(posixpath.join(folder, manifest)):
        if folder == "/":
            return ""
        folder = posixpath.dirname(folder)
    return folder


def workspace(folder: str, files: ImageFiles) -> str:
    """The root of the uv workspace that the project at or above `folder` belongs to.

    Where it belongs to none, the project's own folder; empty where there is no project. See uv's
    documentation, "Workspaces".
    """
    own = project(folder, files)
    if not own or _workspace_of(own, files) is not None:
        return own
    above = own
    while above != "/":
        above = posixpath.dirname(above)
        table = _workspace_of(above, files)
        if table is not None:
            below = own[len(above.rstrip("/")) + 1 :]
            members, left_out = _globs(table.members), _globs(table.exclude)
            if _matches(below, members) and not _matches(below, left_out):
                return above
            return own
    return own


def members_of(root: str, files: ImageFiles) -> tuple[str, ...]:
    """The folders of the members of the uv workspace whose root is `root`, without the root."""
    table = _workspace_of(root, files)
    if table is None:
        return ()
    globs, left_out = _globs(table.members), _globs(table.exclude)
    prefix = root.rstrip("/") + "/"
    folders = [posixpath.dirname(path) for path in files.tree if path.endswith(f"/{PYPROJECT}")]
    return tuple(
        folder
        for folder in sorted(folders)
        if folder.startswith(prefix)
        and _matches(folder[len(prefix) :], globs)
        and not _matches(folder[len(prefix) :], left_out)
    )


def _workspace_of(folder: str, files: ImageFiles) -> Workspace | None:
    try:
        found = read_project(folder, files)
    except MistakesError:
        return None  # whoever installs that project says so
    return found.workspace if found else None


def _globs(globs: tuple[str, ...]) -> list[str]:
    return [glob.removeprefix("./").rstrip("/") for glob in globs]


def _matches(path: str, globs: list[str]) -> bool:
    parts = path.split("/")
    for glob in globs:
        pieces = glob.split("/")
        if "**" in pieces and fnmatchcase(path, glob.replace("**", "*")):
            return True
        if len(pieces) == len(parts) and all(map(fnmatchcase, parts, pieces)):
            return True
    return False


def _table(path: str, files: ImageFiles, *keys: str) -> Any:
    content = files.read(path)
    if content is None:
        return None
    try:
        found: Any = parse(content, files.name(path)).data
    except MistakesError:
        return None  # whoever reads the manifest itself says so
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _uv_pip(place: Place, state: State, env: Mapping[str, str]) -> str:
    active = place.word or env.get("VIRTUAL_ENV") or env.get("CONDA_PREFIX")
    folder = place.folder
    if active:
        return posixpath.normpath(posixpath.join(folder, active))
    while True:
        found = posixpath.join(folder, ".venv")
        if found in state.environments:
            return found
        if folder == "/":
            return state.system(env)
        folder = posixpath.dirname(folder)


def _poetry(folder: str, state: State, files: ImageFiles, env: Mapping[str, str]) -> str:
    """Poetry's documentation, "Managing environments" and "Configuration"."""
    root = project(folder, files) or folder
    if env.get("VIRTUAL_ENV"):
        return env["VIRTUAL_ENV"].rstrip("/")

    def setting(key: str) -> str:
        variable = f"POETRY_VIRTUALENVS_{key.upper().replace('-', '_')}"
        local = _table(posixpath.join(root, "poetry.toml"), files, "virtualenvs", key)
        said = "" if local is None else str(local)
        return (
            env.get(variable, "")
            or said
            or state.settings.get(("poetry", f"virtualenvs.{key}"), "")
        ).strip()

    inside = posixpath.join(root, ".venv")
    in_project = setting("in-project").lower()
    if inside in state.environments and in_project not in _NO:
        return inside
    if setting("create").lower() in _NO:
        return state.system(env)
    if in_project in ("1", "true", "yes", "on"):
        return inside
    cache = env.get("POETRY_CACHE_DIR", "") or posixpath.join(
        env.get("HOME", "/root"), ".cache/pypoetry"
    )
    folders = setting("path") or posixpath.join(cache, "virtualenvs")
    return posixpath.join(folders, posixpath.basename(root) or "project")


def _pdm(folder: str, state: State, files: ImageFiles, env: Mapping[str, str]) -> tuple[str, bool]:
    """PDM's documentation, "Working with virtual environments" and "Working with PEP 582"."""
    root = project(folder, files) or folder
    use_venv = env.get("PDM_USE_VENV", "") or state.settings.get(("pdm", "python.use_venv"), "")
    if use_venv.lower() in _NO:
        return posixpath.join(root, "__pypackages__"), True
    if env.get("VIRTUAL_ENV") and not is_on(env, "PDM_IGNORE_ACTIVE_VENV"):
        return env["VIRTUAL_ENV"].rstrip("/"), False
    return posixpath.join(root, ".venv"), False


def _pipenv(folder: str, state: State, files: ImageFiles, env: Mapping[str, str]) -> str:
    """Pipenv's documentation, "Configuration" and "Virtual environments"."""
    root = pipfile(folder, files)
    if env.get("VIRTUAL_ENV") and not is_on(env, "PIPENV_IGNORE_VIRTUALENVS"):
        return env["VIRTUAL_ENV"].rstrip("/")
    inside = posixpath.join(root, ".venv")
    if is_on(env, "PIPENV_VENV_IN_PROJECT") or inside in state.environments:
        return inside
    home = posixpath.join(env.get("HOME", "/root"), ".local/share/virtualenvs")
    return posixpath.join(env.get("WORKON_HOME", "") or home, posixpath.basename(root) or "project")


def pipfile(folder: str, files: ImageFiles) -> str:
    """The folder of the Pipfile that Pipenv finds from `folder`; `folder` where there is none."""
    found = folder
    for _ in range(_PARENTS_OF_PIPFILE):
        if files.exists(posixpath.join(found, "Pipfile")):
            return found
        found = posixpath.dirname(found)
    return folder
