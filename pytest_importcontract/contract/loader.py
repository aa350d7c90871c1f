"""Reading a contract file: TOML, then the schema, then what a schema cannot say.

Every mistake of a file is found before any is reported, each with its line.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, TypeVar

import importlib_resources
import tomli
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pytest_importcontract.contract.globs import Glob, GlobError, Globs, Separator
from pytest_importcontract.contract.mistakes import Mistake, MistakesError
from pytest_importcontract.contract.model import (
    Contract,
    Entrypoint,
    Integration,
    Isolation,
    Runtime,
    Service,
    Ships,
    Symbol,
    ThirdParty,
    is_dotted_name,
    is_within,
)
from pytest_importcontract.contract.positions import line_numbers

Keys = tuple[str | int, ...]
_T = TypeVar("_T")
PYPROJECT = "pyproject.toml"
_TABLE: Keys = ("tool", "importcontract")


@functools.cache
def schema() -> dict[str, Any]:
    """The contract language as JSON Schema (draft 2020-12)."""
    text = (
        importlib_resources.files(__package__).joinpath("contract.schema.json").read_text("utf-8")
    )
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def has_contract(path: Path) -> bool:
    """Whether `path` is a pyproject.toml with a ``[tool.importcontract]`` table."""
    try:
        data = tomli.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return "importcontract" in data.get("tool", {})


def load(path: Path, name: str) -> Contract:
    """Read the contract file at `path`, which messages call `name`.

    Raises:
        MistakesError: with every mistake in the file.
    """
    text = _read(path, name)
    try:
        data: Any = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        what = f"{_lower(error.msg)} (column {error.colno})"
        raise MistakesError((Mistake(file=name, line=error.lineno, what=what),)) from None
    lines = line_numbers(text)
    prefix: Keys = ()
    if path.name == PYPROJECT:
        prefix = _TABLE
        data = data.get("tool", {}).get("importcontract")
        if data is None:
            what = "has no [tool.importcontract] table"
            raise MistakesError((Mistake(file=name, what=what),))
    return _Reader(path, name, data, lines, prefix).read()


def _read(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
    except OSError as error:
        line, what = 0, f"cannot be read: {error.strerror or error}"
    raise MistakesError((Mistake(file=name, line=line, what=what),))


class _Reader:
    def __init__(
        self, path: Path, name: str, data: Any, lines: Mapping[Keys, int], prefix: Keys
    ) -> None:
        self._path = path
        self._name = name
        self._data = data
        self._lines = lines
        self._prefix = prefix
        self._mistakes: list[Mistake] = []
        self._refused: set[Keys] = set()

    def read(self) -> Contract:
        for error in Draft202012Validator(schema()).iter_errors(self._data):
            for keys, what, suggestion in _explain(error):
                self._mistake(keys, what, suggestion)
        sound = self._sound(self._data, ())
        services = sound.get("services", {}) if isinstance(sound, dict) else {}
        read = tuple(self._service(name, raw) for name, raw in services.items())
        if self._mistakes:
            raise MistakesError(tuple(self._mistakes))
        return Contract(path=self._path, services=read)

    def _mistake(self, keys: Keys, what: str, suggestion: str = "") -> None:
        self._refused.add(keys)
        mistake = Mistake(
            file=self._name,
            line=self._line(keys),
            subject=_dotted((*self._prefix, *keys)),
            what=what,
            suggestion=suggestion,
        )
        if mistake not in self._mistakes:
            self._mistakes.append(mistake)

    def _line(self, keys: Keys) -> int:
        path = (*self._prefix, *keys)
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def _sound(self, value: Any, keys: Keys) -> Any:
        """`value` without what the schema refused, so that the rest is checked all the same."""
        if isinstance(value, dict):
            return {
                key: self._sound(inner, (*keys, key))
                for key, inner in value.items()
                if (*keys, key) not in self._refused
            }
        if isinstance(value, list):
            return [
                self._sound(inner, (*keys, index))
                for index, inner in enumerate(value)
                if (*keys, index) not in self._refused
            ]
        return value

    def _service(self, name: str, raw: Mapping[str, Any]) -> Service:
        here: Keys = ("services", name)
        raw = _with_defaults("service", raw)
        known = {key[len(here) :] for key in self._refused if key[: len(here)] == here}
        entrypoints = tuple(
            self._parsed(Entrypoint.parse, text, (*here, "entrypoints", index))
            for index, text in enumerate(raw["entrypoints"])
        )
        symbols = tuple(
            self._parsed(Symbol.parse, text, (*here, "required_symbols", index))
            for index, text in enumerate(raw["required_symbols"])
        )
        roots = raw.get("allowed_roots")
        for index, root in enumerate(roots or ()):
            self._dotted_name(root, (*here, "allowed_roots", index))
        names = [integration.get("name") for integration in raw["integrations"]]
        for index, integration_name in enumerate(names):
            if integration_name in names[:index]:
                what = f"a second integration named {integration_name!r}"
                self._mistake((*here, "integrations", index, "name"), what)
        service = Service(
            name=name,
            description=raw["description"],
            entrypoints=tuple(filter(None, entrypoints)),
            modules=self._globs(raw["modules"], ".", (*here, "modules"))
            if "modules" in raw
            else None,
            allowed_roots=None if roots is None else tuple(roots),
            third_party=ThirdParty(raw["third_party"]),
            required_symbols=tuple(filter(None, symbols)),
            isolation=Isolation(raw["isolation"]),
            may_be_empty=raw["may_be_empty"],
            integrations=tuple(
                self._integration(integration, (*here, "integrations", index))
                for index, integration in enumerate(raw["integrations"])
                if {"name", "root", "through"} <= integration.keys()
            ),
            ships=Ships(files=self._globs(raw["ships"]["files"], "/", (*here, "ships", "files")))
            if "files" in raw.get("ships", {})
            else None,
            runtime=self._runtime(raw["runtime"], (*here, "runtime")),
            lines={
                path[len(self._prefix) + 2 :]: line
                for path, line in self._lines.items()
                if path[: len(self._prefix) + 2] == (*self._prefix, *here)
            },
        )
        if not known:
            self._check_proves_something(service, here)
        return service

    def _check_proves_something(self, service: Service, here: Keys) -> None:
        if not (service.entrypoints or service.modules or service.required_symbols):
            what = "names no entrypoints, modules or required_symbols, so nothing is imported"
            self._mistake(here, what)
        if service.allowed_roots is None:
            if service.third_party is ThirdParty.LISTED:
                what = "needs allowed_roots to list them"
                self._mistake((*here, "third_party"), what)
            return
        for index, entrypoint in enumerate(service.entrypoints):
            module = entrypoint.module
            if module and not any(is_within(module, root) for root in service.allowed_roots):
                what = f"{module} lies outside allowed_roots"
                fix = f"add {entrypoint.package} to allowed_roots"
                self._mistake((*here, "entrypoints", index), what, fix)

    def _integration(self, raw: Mapping[str, Any], keys: Keys) -> Integration:
        raw = _with_defaults("service", raw, "integrations")
        self._dotted_name(raw["root"], (*keys, "root"))
        return Integration(
            name=raw["name"],
            root=raw["root"],
            through=self._globs(raw["through"], ".", (*keys, "through")),
            exempt=self._globs(raw["exempt"], ".", (*keys, "exempt")),
            reason=raw["reason"],
            may_be_empty=raw["may_be_empty"],
            line=self._line(keys),
        )

    def _runtime(self, raw: Mapping[str, Any], keys: Keys) -> Runtime:
        raw = _with_defaults("service", raw, "runtime")
        for index, path in enumerate(raw["paths"]):
            self._inside(path, (*keys, "paths", index))
        if "env_file" in raw:
            self._inside(raw["env_file"], (*keys, "env_file"))
        setup = raw.get("setup")
        if not math.isfinite(raw["timeout"]):
            self._mistake((*keys, "timeout"), "is not a number of seconds")
        return Runtime(
            python=raw.get("python", ""),
            paths=tuple(raw["paths"]),
            env=raw["env"],
            env_file=raw.get("env_file", ""),
            pass_env=tuple(raw["pass_env"]),
            setup=None if setup is None else self._parsed(Symbol.parse, setup, (*keys, "setup")),
            timeout=raw["timeout"],
        )

    def _inside(self, text: str, keys: Keys) -> None:
        path = PurePath(text)
        if path.is_absolute() or ".." in path.parts:
            what = f"{text} leads out of the folder of {self._name}"
            self._mistake(keys, what, "keep the contract file at the top of the repository")

    def _dotted_name(self, text: str, keys: Keys) -> None:
        if not is_dotted_name(text):
            guess = text.removesuffix("/").removesuffix(".py").replace("/", ".").strip(".*")
            suggestion = f"did you mean {guess}?" if is_dotted_name(guess) else ""
            self._mistake(keys, f"{text!r} is no dotted name", suggestion)

    def _parsed(self, parse: Callable[[str], _T], text: str, keys: Keys) -> _T | None:
        try:
            return parse(text)
        except ValueError as error:
            guess = text.removesuffix(".py").strip("/").replace("/", ".")
            suggestion = ""
            if guess != text:
                with contextlib.suppress(ValueError):
                    parse(guess)
                    suggestion = f"did you mean {guess}?"
            self._mistake(keys, f"{text!r} {error}", suggestion)
            return None

    def _globs(self, texts: list[str], separator: Separator, keys: Keys) -> Globs:
        sound = []
        for index, text in enumerate(texts):
            body = PurePath(text.removeprefix("!"))
            if separator == "/" and (body.is_absolute() or ".." in body.parts):
                self._inside(str(body), (*keys, index))
                continue
            try:
                sound.append(Glob(text, separator))
            except GlobError as error:
                suggestion = ""
                if separator == "." and "/" in text:
                    suggestion = "modules are named with dots"
                self._mistake((*keys, index), f"{text!r} is no glob: {error}", suggestion)
                continue
            if separator == "." and "/" in text:
                what = f"{text!r} is a path, not a module name"
                self._mistake((*keys, index), what, f"write {text.replace('/', '.')}")
        if sound and all(glob.excludes for glob in sound):
            self._mistake(keys, "only excludes, so it names nothing")
        return Globs(tuple(sound))


def _with_defaults(definition: str, raw: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    described = schema()["$defs"][definition]
    if key:
        described = described["properties"][key]
        described = described.get("items", described)
    defaults = {
        name: keyword["default"]
        for name, keyword in described["properties"].items()
        if "default" in keyword
    }
    return {**defaults, **raw}


def _dotted(keys: Keys) -> str:
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif is_dotted_name(key.replace("-", "_")) and "." not in key:
            text += f".{key}" if text else key
        else:
            text += f".{json.dumps(key)}" if text else json.dumps(key)
    return text


def _explain(error: ValidationError) -> Iterator[tuple[Keys, str, str]]:
    """Each fault behind `error` as the path of its key, what is wrong, and a suggestion."""
    keys = tuple(error.absolute_path)
    found: Any = error.instance
    rule: Any = error.validator_value
    schema_here: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = list(schema_here.get("properties", ()))
            for name in found:
                if name not in known:
                    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
                    suggestion = f"did you mean {near[0]}?" if near else f"known: {_listed(known)}"
                    yield (*keys, name), "unknown key", suggestion
        case "required":
            for name in rule:
                if name not in found:
                    yield keys, f"{name} is missing", ""
        case "type":
            yield keys, f"expected {_KINDS[rule]}, got {_kind(found)}", ""
        case "enum":
            near = difflib.get_close_matches(str(found), rule, n=1)
            suggestion = f"did you mean {near[0]}?" if near else f"one of {_listed(rule)}"
            yield keys, f"{found!r} is not a value of this key", suggestion
        case "uniqueItems":
            for index, item in enumerate(found):
                if item in found[:index]:
                    yield (*keys, index), f"{item!r} is listed twice", ""
        case "minItems" | "minProperties":
            yield keys, "is empty", ""
        case "minLength":
            yield keys, "is an empty string", ""
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            what = "is no usable name"
            in_env = keys[-1:] == ("env",)
            rule_in_words = "without '='" if in_env else "letters, digits, '.', '_' and '-'"
            yield (*keys, found), what, rule_in_words
        case "pattern":
            yield keys, f"{found!r} holds characters it must not", ""
        case "exclusiveMinimum" | "maximum":
            low, high = schema_here["exclusiveMinimum"], schema_here["maximum"]
            yield keys, f"{found} is not above {low} and at most {high}", ""
        case _:
            yield keys, error.message, ""


_KINDS = {
    "object": "a table",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
}


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date or time"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
