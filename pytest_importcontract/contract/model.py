"""The contract as values: what the TOML says, checked and frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath

from pytest_importcontract.contract.globs import Globs

_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_MODULE = re.compile(_DOTTED)
_TEST = re.compile(r"tests|conftest|test_.*|.*_test")
_ENTRYPOINT = re.compile(rf"(?P<module>{_DOTTED})(?::(?P<attribute>{_DOTTED})(?P<call>\(\))?)?")
_SYMBOL = re.compile(rf"(?P<module>{_DOTTED}):(?P<attribute>{_DOTTED})")


def is_dotted_name(text: str) -> bool:
    """Whether `text` could be the name of a module, as in ``pkg.sub.mod``."""
    return _MODULE.fullmatch(text) is not None


def is_within(name: str, prefix: str) -> bool:
    """Whether the module `name` is `prefix` or lies below it."""
    return name == prefix or name.startswith(f"{prefix}.")


def is_test(module: str) -> bool:
    """Whether a module belongs to tests, by its name or that of a package around it."""
    return any(map(_TEST.fullmatch, module.split(".")))


class ThirdParty(StrEnum):
    """Which distributions the service's code may import."""

    DECLARED = "declared"
    ANY = "any"
    LISTED = "listed"


class Isolation(StrEnum):
    """How modules are imported: each in a fork of the started service, or in a new interpreter."""

    WARM = "warm"
    COLD = "cold"


class OrderDependence(StrEnum):
    """What a module is that imports alone and not in the started service: a note, or a failure."""

    REPORT = "report"
    FAIL = "fail"


class TypingImports(StrEnum):
    """Whether rules about code hold for imports that only type checkers run."""

    ALLOW = "allow"
    CHECK = "check"


class Found(StrEnum):
    """What something found during startup is: a failure, or a note."""

    FAIL = "fail"
    REPORT = "report"


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbol:
    """An attribute of a module, written ``module:Name`` or ``module:Outer.inner``."""

    module: str
    attribute: str

    @classmethod
    def parse(cls, text: str) -> Symbol:
        """Read ``module:attribute``.

        Raises:
            ValueError: `text` is not of that form.
        """
        match = _SYMBOL.fullmatch(text)
        if match is None:
            raise ValueError("is not of the form module:Name")
        return cls(module=match["module"], attribute=match["attribute"])

    def __str__(self) -> str:
        return f"{self.module}:{self.attribute}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrypoint:
    """What the container starts.

    Attributes:
        text: as written in the contract.
        module: the module's dotted name; empty for a file.
        attribute: what the server takes from the module; empty when it takes nothing.
        calls: whether the attribute is a factory that the server calls.
        file: a script, relative to the contract's folder; None for a module.
    """

    text: str
    module: str = ""
    attribute: str = ""
    calls: bool = False
    file: PurePosixPath | None = None

    @classmethod
    def parse(cls, text: str) -> Entrypoint:
        """Read ``module``, ``module:attribute``, ``module:factory()`` or ``folder/file.py``.

        Raises:
            ValueError: `text` is none of these.
        """
        path = PurePosixPath(text)
        if path.suffix == ".py" and "\\" not in text:
            if path.is_absolute() or ".." in path.parts:
                raise ValueError("is a file outside the contract's folder")
            return cls(text=text, file=path)
        match = _ENTRYPOINT.fullmatch(text)
        if match is None:
            raise ValueError("is no module, module:attribute, module:factory() or file.py")
        return cls(
            text=text,
            module=match["module"],
            attribute=match["attribute"] or "",
            calls=match["call"] is not None,
        )

    @property
    def package(self) -> str:
        """The top-level package it starts; empty for a file."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Integration:
    """An SSOT integration path: `root` is reached only through `through`.

    Attributes:
        name: what the items and messages call it.
        root: dotted prefix of the code behind the boundary.
        through: modules that may import it.
        exempt: further modules that may.
        reason: why the rule exists, shown with a violation.
        may_be_empty: whether `root` and `through` may be absent from the repository.
        line: where the contract declares it.
    """

    name: str
    root: str
    through: Globs
    exempt: Globs = field(default_factory=Globs)
    reason: str = ""
    may_be_empty: bool = False
    line: int = 0

    def permits(self, importer: str) -> bool:
        """Whether the module `importer` may import the root."""
        return (
            is_within(importer, self.root)
            or self.through.matches(importer)
            or self.exempt.matches(importer)
        )

    @property
    def doors(self) -> str:
        """The `through` modules as words."""
        return " or ".join(glob.text for glob in self.through.patterns)


@dataclass(frozen=True, kw_only=True, slots=True)
class Canonical:
    """An object of which there is one, however it is reached.

    Attributes:
        symbol: the object.
        aliases: other places where the very same object is to be found.
        unique: whether no other first-party module may define a class or function of its name.
    """

    symbol: Symbol
    aliases: tuple[Symbol, ...] = ()
    unique: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """An import statement of a Markdown file, and what the file says of it.

    Attributes:
        file: the Markdown file, absolute.
        line: 1-based.
        text: the statement on one line.
        imports: what it imports: each module, with the names that it takes from it.
        holds: whether it is said to work, rather than to fail.
        heading: the heading that says so; empty where none does.
        heading_line: 1-based; 0 for none.
        fault: why it cannot be tried; empty where it can.
    """

    file: str
    line: int
    text: str
    imports: tuple[tuple[str, tuple[str, ...]], ...] = ()
    holds: bool = True
    heading: str = ""
    heading_line: int = 0
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Documented:
    """A Markdown file whose import statements are claims.

    Attributes:
        file: the file, relative to the contract's folder.
        holds: patterns of headings under which they work; none for all but those of `fails`.
        fails: patterns of headings under which they fail.
        may_be_empty: whether there may be no claims, and patterns that decide none.
        claims: what the file claims, once it has been read.
        unclaimed: how many of its import statements claim nothing.
    """

    file: str
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    may_be_empty: bool = False
    claims: tuple[Claim, ...] = ()
    unclaimed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ships:
    """What the image holds.

    Attributes:
        files: patterns of paths relative to the contract's folder.
        dockerfile: what makes the image, relative to the contract's folder; empty for none.
        context: the build's context, relative to the contract's folder.
        target: the stage that is built; empty for the last one.
        args: values of ARG.
        requirements: files that say what is installed; empty for what the Dockerfile says.
        provides: distributions by the dotted name of a module that is theirs.
    """

    files: Globs = field(default_factory=Globs)
    dockerfile: str = ""
    context: str = "."
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict, hash=False)
    requirements: tuple[str, ...] = ()
    provides: Mapping[str, str] = field(default_factory=dict, hash=False)


PORT = "{port}"  # in a health command and its url: a free port of this machine


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How the service is started for real, and what shows that it is up.

    Exactly one of `url`, `ready_log` and `ready_after` is given.

    Attributes:
        command: the command line, in which `PORT` stands for a free port; empty for what the image
            starts.
        url: on this machine; up when it answers with a status from 200 to 299.
        ready_log: a regular expression; up when it is found in a line of what the command prints.
        ready_after: seconds; up when the command's process still runs after them.
        timeout: seconds that it has to come up.
    """

    command: str = ""
    url: str = ""
    ready_log: str = ""
    ready_after: float | None = None
    timeout: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Startup:
    """What starting the service may do, load and cost.

    Attributes:
        forbid: kinds of effects that no import may have.
        hidden_failures: what a failed import of first-party code is that something swallowed.
        optional: modules, each with what lies below it, that may be absent.
        never_loads: modules, each with what lies below it, that starting must not load.
        max_modules: how many it may load, those of the bare interpreter not counted.
        max_seconds: beyond a start of the bare interpreter in the same run.
        max_memory: megabytes (1,000,000 bytes) beyond the bare interpreter.
        optimized: whether it must start under ``python -O`` as well.
        deprecations: what a deprecation warning is that first-party code causes.
    """

    forbid: tuple[str, ...] = ()
    hidden_failures: Found = Found.FAIL
    optional: tuple[str, ...] = ()
    never_loads: tuple[str, ...] = ()
    max_modules: int | None = None
    max_seconds: float | None = None
    max_memory: float | None = None
    optimized: bool = False
    deprecations: Found = Found.REPORT

    def may_lack(self, module: str) -> bool:
        """Whether `module` may be absent."""
        return any(is_within(module, each) for each in self.optional)


# They say where an interpreter finds its standard library, and `python` says that already.
INTERPRETERS_OWN_VARIABLES = frozenset({"PYTHONHOME", "PYTHONPLATLIBDIR"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Runtime:
    """How the service's process is set up.

    Attributes:
        python: the interpreter, as written, of a list the first; empty for the one of pytest.
        pythons: where the contract has a list, all of it: the service must start on each.
        paths: import path entries relative to the contract's folder; the first is where it runs.
            None when the contract declares none; `entries` then says which hold.
        env: environment variables by name.
        env_file: a file of variables that `env` overrides, relative to the contract's folder.
        env_example: a file that names the variables which a deployment sets, likewise.
        pass_env: variables taken over from the caller when set there.
        setup: a callable called before modules are imported.
        timeout: seconds that one import may take.
    """

    python: str = ""
    pythons: tuple[str, ...] = ()
    paths: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict, hash=False)
    env_file: str = ""
    env_example: str = ""
    pass_env: tuple[str, ...] = ()
    setup: Symbol | None = None
    timeout: float = 60.0

    @property
    def entries(self) -> tuple[str, ...]:
        """The import path entries, declared or not; never empty."""
        return (".",) if self.paths is None else self.paths


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One service and everything that must hold for it.

    Attributes:
        modules: None when the contract names none: then the entrypoints' packages are meant.
        allowed_roots: None when the contract sets no such rule.
        health: None when the contract does not want it started.
        variant: what tells its starts from those of its variants, or of the service that it is a
            variant of, as in ``python3.13``; empty where there is nothing to be told apart.
        variant_of: the name of that service; empty for one that the contract declares.
        lines: line of each key, by its path below the service, as in ``("runtime", "paths", 0)``.
    """

    name: str
    description: str = ""
    entrypoints: tuple[Entrypoint, ...] = ()
    modules: Globs | None = None
    allowed_roots: tuple[str, ...] | None = None
    third_party: ThirdParty = ThirdParty.DECLARED
    typing_imports: TypingImports = TypingImports.ALLOW
    required_symbols: tuple[Symbol, ...] = ()
    isolation: Isolation = Isolation.WARM
    order_dependence: OrderDependence = OrderDependence.REPORT
    may_be_empty: bool = False
    integrations: tuple[Integration, ...] = ()
    canonical: tuple[Canonical, ...] = ()
    documented: tuple[Documented, ...] = ()
    startup: Startup = field(default_factory=Startup)
    health: Health | None = None
    ships: Ships | None = None
    runtime: Runtime = field(default_factory=Runtime)
    variant: str = ""
    variant_of: str = ""
    lines: Mapping[tuple[str | int, ...], int] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def declared_name(self) -> str:
        """The name that the contract knows it by."""
        return self.variant_of or self.name

    def line(self, *path: str | int) -> int:
        """The line of the key at `path`, or of the nearest key around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def integration_for(self, module: str) -> Integration | None:
        """The integration whose root holds `module`, if any; of nested roots the innermost."""
        holding = [each for each in self.integrations if is_within(module, each.root)]
        return max(holding, key=lambda each: len(each.root), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """A contract file, read.

    Attributes:
        path: the file; its folder is the repository.
        services: in the file's order.
    """

    path: Path
    services: tuple[Service, ...]

    @property
    def root(self) -> Path:
        """The repository: the folder that holds the contract file."""
        return self.path.parent
