"""Building a wheel of the project with its own build backend."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import build
from packaging.requirements import Requirement

from pytest_importcontract.shipment.interpreter import Interpreter
from pytest_importcontract.shipment.project.environments import environment_with
from pytest_importcontract.shipment.project.running import Running, RunningError

_HANDED_ON = [
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CONFIG_FILE",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_TRUSTED_HOST",
    "PIP_PROXY",
    "PIP_TIMEOUT",
    "PIP_RETRIES",
]
_OUR_OWN = ("PYTHON", "PIP_", "UV_", "LD_", "DYLD_", "XDG_", "VIRTUAL_ENV", "_PYPROJECT_HOOKS")
_NOT_FROM_THE_IMAGE = frozenset({*_HANDED_ON, "HOME", "TMPDIR", "TEMP", "TMP", "USER", "SHELL"})
_FROM_VCS = {  # what stands for version control, which no build here sees
    "SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0",
    "PDM_BUILD_SCM_VERSION": "0.0.0",
    "POETRY_DYNAMIC_VERSIONING_BYPASS": "0.0.0",
    "UV_DYNAMIC_VERSIONING_BYPASS": "0.0.0",
}
_PIP_SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_RETRIES": "1",
    "PIP_TIMEOUT": "10",
}
_CURRENT_SETUPTOOLS = "setuptools>=77"  # which an installer would take, not the one `venv` left
_FAILURES = (build.BuildException, build.BuildBackendException, RunningError)
PATIENCE = 120.0
"""Seconds that a build may take, the installation of its backend included."""


class BuildError(Exception):
    """No wheel could be built; the message is what the build said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A wheel to be built.

    Attributes:
        editable: whether as an editable installation has it (PEP 660).
        interpreter: the Python that the image runs, or its like.
        environment: variables that the image's RUN sees.
        settings: ``--config-settings`` of the installer.
        from_vcs: whether the version would come from version control.
        patience: seconds that all of it may take.
    """

    editable: bool
    interpreter: Interpreter
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    from_vcs: bool = False
    patience: float = PATIENCE

    @property
    def kind(self) -> Literal["editable", "wheel"]:
        """What `build` calls it."""
        return "editable" if self.editable else "wheel"

    @property
    def declared(self) -> dict[str, str]:
        """The image's variables that may change what is built."""
        return {
            name: value
            for name, value in sorted(self.environment.items())
            if name not in _NOT_FROM_THE_IMAGE and not name.startswith(_OUR_OWN)
        }


def build_wheel(
    project: Path, output: Path, order: Order, *, scratch: Path, environments: Path
) -> Path:
    """Build the project in the folder `project` into the folder `output`.

    This runs the user's build backend, and with it what the project's own build files say
    (``setup.py``, build hooks), as an installer would; it imports nothing that the project ships
    unless they do. A backend that is installed beside us is used where it satisfies the project's
    requirements and runs the same Python; otherwise it is installed into an environment made for
    it, for which the network may be needed.

    Args:
        project: a copy of its own, which a build may write to.
        output: where the wheel goes.
        order: what to build.
        scratch: an empty folder for everything else.
        environments: a folder that keeps backends from run to run.

    Returns:
        The wheel.

    Raises:
        BuildError: there is none, for whatever reason.
        OSError: one of the folders cannot be written.
    """
    running = Running(scratch, _variables(order), order.patience)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `build` advises the project's author
        try:
            if order.interpreter.version[:2] == sys.version_info[:2]:
                here = _builder(project, running, Path(sys.executable))
                try:
                    return _build_here(here, output, order)
                except _FAILURES:
                    if running.is_over or not here.build_system_requires:
                        raise  # no other environment could do better
            return _build_isolated(project, output, order, running, environments)
        except _FAILURES as error:
            raise BuildError(_reason(error, running)) from None


def _build_here(builder: build.ProjectBuilder, output: Path, order: Order) -> Path:
    if _missing(builder.build_system_requires):
        raise build.BuildException("the backend is not installed here")
    if _missing(builder.get_requires_for_build(order.kind, dict(order.settings))):
        raise build.BuildException("the backend lacks what it needs here")
    return Path(builder.build(order.kind, output, dict(order.settings)))


def _build_isolated(
    project: Path, output: Path, order: Order, running: Running, environments: Path
) -> Path:
    settings = dict(order.settings)
    needed = _builder(project, running, Path(sys.executable)).build_system_requires
    python = environment_with(needed, order.interpreter, running, environments)
    builder = _builder(project, running, python)
    more = builder.get_requires_for_build(order.kind, settings) - needed
    if more:
        python = environment_with(needed | more, order.interpreter, running, environments)
        builder = _builder(project, running, python)
    return Path(builder.build(order.kind, output, settings))


def _builder(project: Path, running: Running, python: Path) -> build.ProjectBuilder:
    path = os.pathsep.join([str(python.parent), running.environment.get("PATH", os.defpath)])

    def run(
        cmd: Iterable[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        running(list(cmd), cwd, {"PATH": path, **(extra_environ or {})})

    return build.ProjectBuilder(project, str(python), run)


def _missing(requirements: Iterable[str]) -> bool:
    wanted = list(requirements)
    try:
        if any(Requirement(text).name == "setuptools" for text in wanted):
            wanted.append(_CURRENT_SETUPTOOLS)
        return any(list(build.check_dependency(text)) for text in wanted)
    except ValueError:  # no requirement at all; pip will say so better
        return True


def _reason(error: Exception, running: Running) -> str:
    if running.failure is not None:
        return str(running.failure)
    cause = getattr(error, "exception", None)
    if hook := getattr(cause, "hook_name", ""):
        return f"the backend has no {hook}"
    lines = str(cause or error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def _variables(order: Order) -> dict[str, str]:
    variables = dict(_PIP_SETTINGS)
    home = Path.home() if "HOME" in os.environ else None
    for place in (
        ".config/pip/pip.conf",
        ".pip/pip.conf",
        "Library/Application Support/pip/pip.conf",
    ):
        if home is not None and (home / place).is_file():
            variables["PIP_CONFIG_FILE"] = str(home / place)
    variables |= {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    if order.from_vcs:
        variables |= _FROM_VCS
    return variables | order.declared
