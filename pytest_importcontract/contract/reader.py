"""From a contract's table to the values of the model, with every mistake on the way.

What the schema refuses is left out and the rest read all the same, so that one run shows all.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pytest_importcontract.contract.globs import Glob, GlobError, Globs, Separator
from pytest_importcontract.contract.health import read_health
from pytest_importcontract.contract.language import faults, shown
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import (
    INTERPRETERS_OWN_VARIABLES,
    Canonical,
    Contract,
    Documented,
    Entrypoint,
    Health,
    Integration,
    Isolation,
    OrderDependence,
    Runtime,
    Service,
    Ships,
    Startup,
    Symbol,
    ThirdParty,
    TypingImports,
    is_dotted_name,
    is_within,
)
from pytest_importcontract.contract.positions import Keys
from pytest_importcontract.contract.startup import read_startup

_T = TypeVar("_T")
_HERE = re.compile(r"(?<![^!])\./")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PROVING = ("entrypoints", "modules", "required_symbols", "canonical", "documented", "health")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a contract's table comes from.

    Attributes:
        path: the file.
        name: what messages call it.
        lines: line of each key in it.
        prefix: path of the contract's table in it; empty for a file of its own.
    """

    path: Path
    name: str
    lines: Mapping[Keys, int]
    prefix: Keys = ()


def read(source: Source, data: Any) -> Contract:
    """Read `data`, the contract's table as a TOML parser returns it.

    Raises:
        MistakesError: with every mistake in it.
    """
    return _Reader(source).read(data)


def dotted(keys: Keys) -> str:
    """`keys` as one would write them in TOML, with list positions in brackets."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
            continue
        bare = _BARE.fullmatch(key)
        written = key if bare else json.dumps(key, ensure_ascii=not key.isprintable())
        text += f".{written}" if text else written
    return text


@dataclass(frozen=True, slots=True)
class _Table:
    raw: Mapping[str, Any]
    keys: Keys

    def at(self, key: str) -> Keys:
        return (*self.keys, key)

    def only(self, *names: str) -> dict[str, Any]:
        """The given ones of the keys `names`; the model has the defaults of the others."""
        return {name: self.raw[name] for name in names if name in self.raw}

    def elements(self, key: str) -> Iterator[tuple[Keys, Any]]:
        for index, element in enumerate(self.raw.get(key, ())):
            if element is not None:
                yield (*self.keys, key, index), element

    def table(self, key: str) -> _Table:
        return _Table(self.raw.get(key, {}), self.at(key))


def _slashed(text: str) -> tuple[str, ...]:
    return (text.replace("\\", "/"),)


def _named(text: str) -> tuple[str, ...]:
    """What may have been meant by `text`: modules are easily taken for paths or symbols."""
    (slashed,) = _slashed(text)
    place, colon, attribute = slashed.partition(":")
    module = _HERE.sub("", place).removesuffix("/").removesuffix(".py").removesuffix("/__init__")
    module = module.replace("/", ".")
    return (
        slashed,
        module + colon + attribute,
        module,
        module.removesuffix(".**").removesuffix(".*"),
        ":".join(module.rsplit(".", 1)),
    )


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._mistakes: dict[Mistake, Keys] = {}
        self._lines: dict[str | int, dict[Keys, int]] = defaultdict(dict)
        services = (*source.prefix, "services")
        depth = len(services)
        for path, line in source.lines.items():
            if path[:depth] == services and len(path) > depth:
                self._lines[path[depth]][path[depth + 1 :]] = line

    def read(self, data: Any) -> Contract:
        refused = set()
        for fault in faults(data):
            self._mistake(fault.keys, fault.what, fault.suggestion)
            if not fault.usable:
                refused.add(fault.keys)
        sound = _Table(_without(refused, data, ()) or {}, ()).table("services")
        services = tuple(self._service(sound.table(name)) for name in sound.raw)
        if self._mistakes:
            raise MistakesError(tuple(self._mistakes))
        return Contract(path=self._source.path, services=services)

    def _mistake(self, keys: Keys, what: str, suggestion: str = "") -> None:
        mistake = Mistake(
            file=self._source.name,
            line=self._line(keys),
            subject=dotted((*self._source.prefix, *keys)),
            what=what,
            suggestion=suggestion,
        )
        self._mistakes.setdefault(mistake, keys)

    def _line(self, keys: Keys) -> int:
        return self._source.lines.get((*self._source.prefix, *keys), 0)

    def _spotless(self, keys: Keys) -> bool:
        return not any(spot[: len(keys)] == keys for spot in self._mistakes.values())

    def _service(self, table: _Table) -> Service:
        if self._names_nothing(table):
            what = "names no entrypoints, modules or required_symbols, so nothing is imported"
            self._mistake(table.keys, what)
        entrypoints = self._all(Entrypoint.parse, table, "entrypoints")
        symbols = self._all(Symbol.parse, table, "required_symbols")
        roots = None
        if "allowed_roots" in table.raw:
            roots = tuple(self._all(_dotted_name, table, "allowed_roots").values())
        modules = self._globs(table, "modules", ".")
        integrations = tuple(
            self._integration(_Table(raw, keys), roots)
            for keys, raw in table.elements("integrations")
        )
        self._check_roots(table, roots, entrypoints)
        self._check_told_apart(table)
        return Service(
            name=str(table.keys[-1]),
            entrypoints=tuple(entrypoints.values()),
            modules=modules if modules.patterns else None,
            allowed_roots=roots,
            third_party=ThirdParty(table.raw.get("third_party", ThirdParty.DECLARED)),
            typing_imports=TypingImports(table.raw.get("typing_imports", TypingImports.ALLOW)),
            required_symbols=tuple(symbols.values()),
            isolation=Isolation(table.raw.get("isolation", Isolation.WARM)),
            order_dependence=OrderDependence(
                table.raw.get("order_dependence", OrderDependence.REPORT)
            ),
            integrations=integrations,
            canonical=self._canonical(table),
            documented=self._documented(table),
            startup=self._startup(table),
            health=self._health(table) if "health" in table.raw else None,
            ships=self._ships(table.table("ships")) if table.raw.get("ships") else None,
            runtime=self._runtime(table.table("runtime")),
            lines=self._lines[table.keys[-1]],
            **table.only("description", "may_be_empty"),
        )

    def _names_nothing(self, table: _Table) -> bool:
        depth = len(table.keys)
        below = [spot[depth:] for spot in self._mistakes.values() if spot[:depth] == table.keys]
        # A refused key may have been meant as one of these.
        meant = any(len(spot) == 1 or spot[0] in _PROVING for spot in below if spot)
        starts = table.table("ships").raw.get("dockerfile") or "health" in table.raw
        return not meant and not starts and not any(table.raw.get(key) for key in _PROVING)

    def _check_roots(
        self, table: _Table, roots: tuple[str, ...] | None, entrypoints: Mapping[Keys, Entrypoint]
    ) -> None:
        if not self._spotless(table.at("allowed_roots")):
            return
        if roots is None:
            if table.raw.get("third_party") == ThirdParty.LISTED:
                self._mistake(table.at("third_party"), "needs allowed_roots to list them")
            return
        for keys, entrypoint in entrypoints.items():
            module = entrypoint.module
            if module and not any(is_within(module, root) for root in roots):
                what = f"{module} lies outside allowed_roots"
                self._mistake(keys, what, f"add {entrypoint.package} to allowed_roots")

    def _check_told_apart(self, table: _Table) -> None:
        guards: dict[str, str] = {}
        names = set()
        for keys, raw in table.elements("integrations"):
            name, root = raw.get("name", ""), raw.get("root", "")
            if name in names:
                self._mistake((*keys, "name"), f"a second integration named {shown(name)}")
            elif name:
                names.add(name)
            if not is_dotted_name(root):
                continue
            if root in guards:
                what = f"{root} is guarded by integration {shown(guards[root])} already"
                self._mistake((*keys, "root"), what, "list all its doors there")
            else:
                guards[root] = name

    def _integration(self, table: _Table, roots: tuple[str, ...] | None) -> Integration:
        root = ""
        if "root" in table.raw:
            root = self._parsed(_dotted_name, table.raw["root"], table.at("root")) or ""
        through = self._globs(table, "through", ".")
        exempt = self._globs(table, "exempt", ".")
        for key, globs in (("through", through), ("exempt", exempt)):
            if globs.matches_everything:
                self._mistake(table.at(key), "lets every module in, so nothing is forbidden")
        service = table.keys[:2]
        roots = roots if self._spotless((*service, "allowed_roots")) else None
        for keys, text in table.elements("through"):
            if not text.startswith("!") and self._spotless(keys):
                self._check_door(Glob(text, "."), keys, root, roots)
        return Integration(
            name=table.raw.get("name", ""),
            root=root,
            through=through,
            exempt=exempt,
            line=self._line(table.keys),
            **table.only("reason", "may_be_empty"),
        )

    def _check_door(self, door: Glob, keys: Keys, root: str, roots: tuple[str, ...] | None) -> None:
        place = ".".join(door.literal_prefix)
        if root and is_within(place, root):
            what = f"{shown(door.text)} lies inside root"
            self._mistake(keys, what, f"{root} may always import itself")
        elif (
            place
            and roots is not None
            and not any(is_within(place, near) or is_within(near, place) for near in roots)
        ):
            what = f"{shown(door.text)} lies outside allowed_roots, so outside the service"
            self._mistake(keys, what, "name the service's own module")

    def _canonical(self, table: _Table) -> tuple[Canonical, ...]:
        found: dict[Symbol, Canonical] = {}
        for keys, raw in table.elements("canonical"):
            inner = _Table(raw, keys)
            aliases = self._all(Symbol.parse, inner, "aliases")
            unique = raw.get("unique", False)
            if "unique" in raw and not unique and self._spotless(keys) and not aliases:
                self._mistake(keys, "demands nothing", "list aliases, or set unique = true")
            written = raw.get("symbol")
            symbol = written and self._parsed(Symbol.parse, written, inner.at("symbol"))
            if not symbol:
                continue
            for at, alias in aliases.items():
                if alias == symbol:
                    self._mistake(at, f"{alias} is the symbol itself")
            if unique and "." in symbol.attribute:
                what = f"{symbol.attribute} is no name at a module's top level"
                self._mistake(inner.at("unique"), what, "only those can be unique")
            if symbol in found:
                what = f"a second entry for {symbol}"
                self._mistake(inner.at("symbol"), what, "list all its aliases in one")
            found[symbol] = Canonical(symbol=symbol, aliases=tuple(aliases.values()), unique=unique)
        return tuple(found.values())

    def _documented(self, table: _Table) -> tuple[Documented, ...]:
        found: dict[str, Documented] = {}
        for keys, raw in table.elements("documented"):
            inner = _Table(raw, keys)
            holds, fails = dict(inner.elements("holds")), dict(inner.elements("fails"))
            for at, text in fails.items():
                if text in holds.values():
                    self._mistake(at, f"{shown(text)} is in holds as well")
            file = raw.get("file", "")
            if not file or not self._inside(file, inner.at("file")):
                continue
            name = str(PurePosixPath(file))
            if name in found:
                self._mistake(inner.at("file"), f"a second entry for {name}", "join them")
            found[name] = Documented(
                file=name,
                holds=tuple(holds.values()),
                fails=tuple(fails.values()),
                **inner.only("may_be_empty"),
            )
        return tuple(found.values())

    def _health(self, table: _Table) -> Health:
        health, spotless = table.table("health"), self._spotless(table.at("health"))
        ships = table.table("ships").raw
        return read_health(health, ships, self._mistake, spotless=spotless)

    def _startup(self, table: _Table) -> Startup:
        spotless = self._spotless(table.keys)
        return read_startup(table.table("startup"), table.raw, self._mistake, spotless=spotless)

    def _ships(self, table: _Table) -> Ships:
        for key in ("dockerfile", "context"):
            if key in table.raw:
                self._inside(table.raw[key], table.at(key))
        requirements = tuple(
            text for keys, text in table.elements("requirements") if self._inside(text, keys)
        )
        return Ships(
            files=self._globs(table, "files", "/"),
            requirements=requirements,
            **table.only("dockerfile", "context", "target", "args", "provides"),
        )

    def _runtime(self, table: _Table) -> Runtime:
        paths = tuple(text for keys, text in table.elements("paths") if self._inside(text, keys))
        for key in ("env_file", "env_example"):
            if key in table.raw:
                self._inside(table.raw[key], table.at(key))
        declared = [((*table.at("env"), name), name) for name in table.raw.get("env", {})]
        for keys, name in (*declared, *table.elements("pass_env")):
            if name in INTERPRETERS_OWN_VARIABLES:
                what = f"{name} would move the interpreter's standard library"
                self._mistake(keys, what, "name the interpreter with runtime.python")
        setup = None
        if "setup" in table.raw:
            setup = self._parsed(Symbol.parse, table.raw["setup"], table.at("setup"))
        written = table.raw.get("python", ())
        listed = tuple(text for _, text in table.elements("python")) if written else ()
        pythons = () if isinstance(written, str) else listed
        return Runtime(
            python=written if isinstance(written, str) else next(iter(pythons), ""),
            pythons=pythons,
            paths=paths or None,
            pass_env=tuple(text for _, text in table.elements("pass_env")),
            setup=setup,
            **table.only("env", "env_file", "env_example", "timeout"),
        )

    def _inside(self, text: str, keys: Keys) -> bool:
        path = PurePosixPath(text)
        if not path.is_absolute() and ".." not in path.parts:
            return True
        what = f"{shown(text)} leads out of the folder of {self._source.name}"
        self._mistake(keys, what, "keep the contract file at the top of the repository")
        return False

    def _globs(self, table: _Table, key: str, separator: Separator) -> Globs:
        def parse(text: str) -> Glob:
            try:
                return Glob(text, separator)
            except GlobError as error:
                raise ValueError(f"is no glob: {error}") from None

        patterns: list[Glob] = []
        for keys, text in table.elements(key):
            if separator == "/" and not self._inside(text.removeprefix("!"), keys):
                continue
            glob = self._parsed(parse, text, keys, _named if separator == "." else _slashed)
            if glob is not None:
                patterns.append(glob)
        if self._spotless(table.at(key)):
            self._check_order(table, key)
        return Globs(tuple(patterns))

    def _check_order(self, table: _Table, key: str) -> None:
        leading = []
        for keys, text in table.elements(key):
            if not text.startswith("!"):
                break
            leading.append((keys, text))
        else:
            if leading:
                self._mistake(table.at(key), "only excludes, so it names nothing")
            return
        for keys, text in leading:
            what = f"{shown(text)} excludes from nothing"
            self._mistake(keys, what, "the last match decides: put it after what it takes from")

    def _all(self, parse: Callable[[str], _T], table: _Table, key: str) -> dict[Keys, _T]:
        parsed = {keys: self._parsed(parse, text, keys) for keys, text in table.elements(key)}
        return {keys: value for keys, value in parsed.items() if value is not None}

    def _parsed(
        self,
        parse: Callable[[str], _T],
        text: str,
        keys: Keys,
        guesses: Callable[[str], tuple[str, ...]] = _named,
    ) -> _T | None:
        try:
            return parse(text)
        except ValueError as error:
            what = f"{shown(text)} {error}"
        for guess in guesses(text):
            if guess != text and guess.isprintable():
                with contextlib.suppress(ValueError):
                    parse(guess)
                    self._mistake(keys, what, f"did you mean {guess}?")
                    return None
        self._mistake(keys, what)
        return None


def _without(refused: set[Keys], value: Any, keys: Keys) -> Any:
    """`value` without what is refused; lists keep their places, with None for what is gone."""
    if keys in refused:
        return None
    if isinstance(value, list):
        return [_without(refused, inner, (*keys, index)) for index, inner in enumerate(value)]
    if isinstance(value, dict):
        inner = {key: _without(refused, found, (*keys, key)) for key, found in value.items()}
        return {key: found for key, found in inner.items() if found is not None}
    return value


def _dotted_name(text: str) -> str:
    if not is_dotted_name(text):
        raise ValueError("is no dotted name")
    return text
