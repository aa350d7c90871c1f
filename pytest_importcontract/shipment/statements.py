"""The import statements of code in a document, which need not be a whole program."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

_PROMPT, _MORE = re.compile(r"\s*>>>(?: |$)"), re.compile(r"\s*\.\.\.(?: |$)")
_IMPORT = re.compile(r"(?P<indent>\s*)(?:lazy\s+)?(?P<text>import\s+\w.*|from\s+\S+\s+import\b.*)")
# What stands for names that were left out: a dot more or less would be another statement.
_ELISION = re.compile(r"(?<![.\w])(?:\.\.\.|…)(?![.\w])\s*,?")
_NO_NAMES = re.compile(r"from(\s+\S+)\s+import[\s()]*\Z")
_TRACEBACK = re.compile(r"\s*Traceback \((?:most recent call last|innermost last)\):")
_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_CATCHERS = frozenset({"suppress", "raises", "assertRaises", "assertRaisesRegex"})
_RUN = re.compile(r"(?:async\s+)?(?:def|class|with|for|while)\b")
_LONGEST = 60  # lines of a statement


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportStatement:
    """An import statement.

    Attributes:
        line: where it begins, counted from 0.
        text: the statement on one line, comments left out.
        imports: each module that it imports, with the names that it takes from it.
        is_certain: whether running the code runs it, and nothing catches its failure.
        raises: whether a traceback is shown to be what comes of it.
        fault: why nobody could run it as it stands; empty where one can.
    """

    line: int
    text: str
    imports: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_certain: bool = True
    raises: bool = False
    fault: str = ""


def import_statements(lines: Sequence[str]) -> tuple[ImportStatement, ...]:
    """The import statements of some code, in order.

    Where there are prompts (``>>>``), only what follows them is code. Where the whole is no Python,
    as with lines left out or other text between, each statement counts that can be read by itself.
    """
    if not any(map(_PROMPT.match, lines)):
        return tuple(_statements_of(lines))
    found: list[ImportStatement] = []
    for first, part, raises in _examples(lines):
        inner = [replace(each, line=each.line + first) for each in _statements_of(part)]
        if inner and raises:
            inner[-1] = replace(inner[-1], raises=True)
        found += inner
    return tuple(found)


def _examples(lines: Sequence[str]) -> Iterator[tuple[int, list[str], bool]]:
    """What follows each prompt, with the lines that continue it, and whether it raises."""
    part: list[str] = []
    first = 0
    for number, line in enumerate([*lines, ""]):
        match = _MORE.match(line) if part else None
        if match is not None:
            part.append(line[match.end() :])
            continue
        if part:
            yield first, part, _TRACEBACK.match(line) is not None
        match = _PROMPT.match(line)
        part, first = ([line[match.end() :]] if match else []), number


def _statements_of(lines: Sequence[str]) -> Iterator[ImportStatement]:
    tree = _parsed("\n".join(lines))
    if tree is None:
        yield from _piecemeal(lines)
        return
    for node, certain in _imports(tree.body, certain=True):
        yield _statement(node, node.lineno - 1, certain=certain)


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in strings that are not ours
            return ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _statement(node: ast.Import | ast.ImportFrom, line: int, *, certain: bool) -> ImportStatement:
    names = tuple(alias.name for alias in node.names)
    fault = ""
    imports: tuple[tuple[str, tuple[str, ...]], ...] = tuple((name, ()) for name in names)
    if isinstance(node, ast.ImportFrom):
        imports = ((node.module or "", names),)
        if node.level:
            imports, fault = (), "it is relative, and a document belongs to no package"
    return ImportStatement(
        line=line, text=ast.unparse(node), imports=imports, is_certain=certain, fault=fault
    )


def _imports(
    body: Sequence[ast.AST], *, certain: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield node, certain
            case ast.Try() | ast.TryStar():
                sure = certain and not any(map(_catches, node.handlers))
                yield from _imports(node.body, certain=sure)
                yield from _imports(node.handlers, certain=False)
                yield from _imports(node.orelse, certain=sure)
                yield from _imports(node.finalbody, certain=certain)
            case ast.If() | ast.Match():
                yield from _imports(list(ast.iter_child_nodes(node)), certain=False)
            case ast.With() | ast.AsyncWith():
                sure = certain and not any(map(_is_catcher, node.items))
                yield from _imports(node.body, certain=sure)
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                yield from _imports(list(ast.iter_child_nodes(node)), certain=certain)


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or _last_name(kind) in _FAILURES for kind in kinds)


def _is_catcher(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and _last_name(call.func) in _CATCHERS


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _piecemeal(lines: Sequence[str]) -> Iterator[ImportStatement]:
    after = 0
    for number, line in enumerate(lines):
        match = _IMPORT.match(line)
        if number < after or match is None:
            continue
        certain = _is_run(lines, number, len(match["indent"]))
        following = takewhile(
            lambda line: not _IMPORT.match(line), lines[number + 1 : number + _LONGEST]
        )
        rest = [match["text"], *following]
        for length in range(1, len(rest) + 1):
            text = "\n".join(rest[:length])
            tree = _parsed(text) or _parsed(_without_elision(text))
            if tree is not None:
                after = number + length
                for node, _ in _imports(tree.body, certain=True):
                    yield _statement(node, number, certain=certain)
                break
        else:
            text, fault = match["text"].strip(), "it cannot be read as Python"
            yield ImportStatement(line=number, text=text, is_certain=certain, fault=fault)


def _without_elision(text: str) -> str:
    named, count = _ELISION.subn("", text)
    return _NO_NAMES.sub(r"import\1", named.rstrip().removesuffix(",")) if count else text


def _is_run(lines: Sequence[str], number: int, indent: int) -> bool:
    """Whether what stands around an indented line runs it and catches nothing, as far as seen."""
    for line in reversed(lines[:number]):
        inner = len(line) - len(line.lstrip())
        if line.strip() and inner < indent:
            if not _RUN.match(line.strip()) or any(name in line for name in _CATCHERS):
                return False
            indent = inner
    return True
