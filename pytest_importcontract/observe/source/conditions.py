"""What conditions come to on the service's platform, as type checkers evaluate them."""

from __future__ import annotations

import ast
import operator as op

from .names import Names
from .syntax import constant_text, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from .lines import Lines
    from .where import Where

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: op.eq,
    ast.NotEq: op.ne,
    ast.Lt: op.lt,
    ast.LtE: op.le,
    ast.Gt: op.gt,
    ast.GtE: op.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_PLATFORM = frozenset({"sys", "os", "platform", "six", "typing", "typing_extensions"}).union(
    {"TYPE_CHECKING", "MYPY", "__debug__", "__name__"}
)
_EVALUATED = (
    *(ast.Constant, ast.Compare, ast.Name, ast.Attribute, ast.BoolOp, ast.UnaryOp),
    *(ast.Subscript, ast.Call),
)
UNKNOWN: Any = object()  # only the running service can tell
MAIN: Any = object()  # whether the module is the one that was started


class Conditions:
    """Evaluates what can be told without running anything.

    Args:
        tree: the file.
        module: its dotted name.
        package: what relative imports start from.
        platform: see `platform_facts`.
        lines: those of interest.
    """

    def __init__(
        self,
        tree: ast.Module,
        module: str,
        package: str,
        platform: Mapping[str, Any],
        lines: Lines,
    ) -> None:
        self._tree = tree
        self._lines = lines
        self._package = package
        self._found: Names | None = None
        version = (*platform["version"], "final", 0)
        on = platform["platform"]
        system = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}.get(on, UNKNOWN)
        implementation = platform["implementation"]
        python = {"cpython": "CPython", "pypy": "PyPy"}.get(implementation, UNKNOWN)
        self._text = {"__name__": module, "__package__": package}
        self._known = {
            "sys.platform": on,
            "os.name": platform["os"],
            "sys.version_info": version,
            "sys.version_info.major": version[0],
            "sys.version_info.minor": version[1],
            "sys.version_info.micro": version[2],
            "sys.implementation.name": implementation,
            "six.PY2": False,
            "six.PY3": True,
        }
        self._called = {"platform.system": system, "platform.python_implementation": python}
        self._promising = _PLATFORM.union(_promising(tree))
        self._verdicts: dict[tuple[int, bool], tuple[Any, Any]] = {}

    @property
    def names(self) -> Names:
        """The file's names, gathered when they are first needed."""
        if self._found is None:
            self._found = Names(self._tree, self._package, self._lines)
        return self._found

    def _verdict(self, test: ast.expr, *, inside: bool) -> tuple[Any, Any]:
        """What a condition is when the service runs, and what type checkers take it for.

        Each is True, False, `UNKNOWN` or `MAIN`.
        """
        key = id(test), inside
        if key not in self._verdicts and not self._is_promising(test):
            self._verdicts[key] = UNKNOWN, UNKNOWN
        if key not in self._verdicts:
            pair = []
            for checking in (False, True):
                value = self.value(test, checking=checking, inside=inside)
                pair.append(value if value is UNKNOWN or value is MAIN else bool(value))
            self._verdicts[key] = pair[0], pair[1]
        return self._verdicts[key]

    def _is_promising(self, test: ast.AST) -> bool:
        """Whether it is worth knowing what all names of the file stand for."""
        names = set()
        for part in walk(test):
            if isinstance(part, ast.Name):
                names.add(part.id)
            elif isinstance(part, ast.Attribute) and part.attr == "TYPE_CHECKING":
                return True
        return not names or not names.isdisjoint(self._promising)

    def is_false(self, test: ast.expr) -> bool:
        """Whether a condition fails on the platform, wherever it stands."""
        return self._verdict(test, inside=True)[0] is False

    def text(self, node: ast.AST | None) -> str | None:
        """A string that an expression can only be; None where it may be another or none."""
        if isinstance(node, ast.Name):
            if node.id in self._text and not self.names.is_bound(node.id):
                return self._text[node.id]
            node = self.names.assigned(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text(node.left), self.text(node.right)
            return None if left is None or right is None else left + right
        if isinstance(node, ast.JoinedStr):
            parts = [self._part(part) for part in node.values]
            return None if None in parts else "".join(map(str, parts))
        return constant_text(node)

    def _part(self, part: ast.AST) -> str | None:
        """The text of a part of an f-string."""
        if not isinstance(part, ast.FormattedValue):
            return self.text(part)
        plain = part.conversion == -1 and part.format_spec is None
        return self.text(part.value) if plain else None

    def value(self, node: ast.AST, *, checking: bool, inside: bool, depth: int = 0) -> Any:
        """What an expression is worth; `UNKNOWN` where only the running service can tell."""
        if depth > 40:
            return UNKNOWN

        def of(part: ast.AST) -> Any:
            return self.value(part, checking=checking, inside=inside, depth=depth + 1)

        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            parts = [of(part) for part in node.elts]
            unknown = any(part is UNKNOWN or part is MAIN for part in parts)
            return UNKNOWN if unknown else tuple(parts)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._named(node, checking=checking, inside=inside, depth=depth)
        if isinstance(node, ast.BoolOp):
            return _joined(map(of, node.values), is_and=isinstance(node.op, ast.And))
        if isinstance(node, ast.UnaryOp):
            value = of(node.operand)
            if value is UNKNOWN or value is MAIN:
                return UNKNOWN
            if isinstance(node.op, ast.Not):
                return not value
            return -value if isinstance(node.op, ast.USub) and type(value) is int else UNKNOWN
        if isinstance(node, ast.Compare):
            return _is_main(node) or _compared(node, of)
        if isinstance(node, ast.Subscript):
            return _item(of(node.value), node.slice, of)
        if isinstance(node, ast.Call):
            return self._call(node, of)
        return UNKNOWN

    def _named(
        self, node: ast.Name | ast.Attribute, *, checking: bool, inside: bool, depth: int
    ) -> Any:
        word = node.id if isinstance(node, ast.Name) else node.attr
        if isinstance(node, ast.Name) and word == "__debug__":
            return True
        if self.names.is_for_typing(node):
            return checking
        dotted = self.names.dotted(node)
        if dotted or isinstance(node, ast.Attribute):
            return _only(dotted, self._known)
        assigned = self.names.assigned(word)
        if assigned is None or (inside and isinstance(assigned, ast.Constant)):
            return UNKNOWN  # others may have set it by the time that a function runs
        return self.value(assigned, checking=checking, inside=inside, depth=depth + 1)

    def _call(self, node: ast.Call, of: Any) -> Any:
        if node.keywords:
            return UNKNOWN
        if len(node.args) == 2:
            return self._has(node)
        if not node.args:
            return _only(self.names.dotted(node.func), self._called)
        if len(node.args) == 1 and isinstance(node.func, ast.Attribute):
            owner, argument = of(node.func.value), of(node.args[0])
            if isinstance(owner, str) and isinstance(argument, (str, tuple)):
                try:
                    if node.func.attr == "startswith":
                        return owner.startswith(argument)
                    if node.func.attr == "endswith":
                        return owner.endswith(argument)
                except TypeError:
                    return UNKNOWN
        return UNKNOWN

    def _has(self, node: ast.Call) -> Any:
        """What ``hasattr(sys, …)`` tells of interpreter and system."""
        names = self.names.dotted(node.func), self.names.dotted(node.args[0])
        if names != (frozenset(["builtins.hasattr"]), frozenset(["sys"])):
            return UNKNOWN
        attribute = self.text(node.args[1])
        if attribute == "pypy_version_info":
            return self._known["sys.implementation.name"] == "pypy"
        if attribute == "getwindowsversion":
            return self._known["sys.platform"] == "win32"
        return UNKNOWN

    def when(self, where: Where, *, lazy: bool = False) -> tuple[str, str]:
        """The kind of an import that stands there, and what the conditions around it come to.

        See `read_source` for both.
        """
        never, typing, unknown, main, true = where.dead, False, where.open, False, False
        for node, wanted, ends, inside in where.tests:
            real, checked = self._verdict(node, inside=inside)
            if real is MAIN:
                main = main or (wanted and not ends)
            elif real is UNKNOWN:
                unknown = unknown or not ends
            elif real is wanted:
                true = true or not ends
            elif checked is wanted or checked is UNKNOWN:
                typing = True
            else:
                never = True
        if never:
            return "never", "false"
        condition = "main" if main else "unknown" if unknown else "true" if true else ""
        if typing:
            return "typing", condition
        if where.deferred or lazy:
            return "deferred", condition
        return "conditional" if unknown or main else "eager", condition


def _promising(tree: ast.Module) -> Iterator[str]:
    """Names that the module itself binds to what may be evaluated."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, _EVALUATED):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and alias.name in _PLATFORM:
                    yield alias.asname
        elif isinstance(node, ast.ImportFrom) and node.module in _PLATFORM:
            yield from (alias.asname or alias.name for alias in node.names)


def _only(names: Iterable[str], values: Mapping[str, Any]) -> Any:
    """The value of the one name; unknown where there are several."""
    found = {values.get(name, UNKNOWN) for name in names}
    return found.pop() if len(found) == 1 else UNKNOWN


def _is_main(node: ast.Compare) -> Any:
    """`MAIN` for ``__name__ == "__main__"``, either way round; None for all else."""
    sides = [node.left, *node.comparators]
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    texts = [side.value for side in sides if isinstance(side, ast.Constant)]
    equal = len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)
    return MAIN if equal and names == ["__name__"] and texts == ["__main__"] else None


def _joined(values: Iterable[Any], *, is_and: bool) -> Any:
    """What ``and`` and ``or`` make of values of which some are unknown."""
    result: Any = is_and
    for value in values:
        if value is UNKNOWN or value is MAIN:
            # `__name__ == "__main__" and …` is about the started module as well.
            result = value if result is not UNKNOWN else UNKNOWN
        elif bool(value) is not is_and:
            return value
        elif result is not UNKNOWN and result is not MAIN:
            result = value
    return result


def _compared(node: ast.Compare, of: Callable[[ast.AST], Any]) -> Any:
    left = of(node.left)
    for operator, right_node in zip(node.ops, node.comparators):  # noqa: B905 (3.10)
        right = of(right_node)
        if any(side is UNKNOWN or side is MAIN for side in (left, right)):
            return UNKNOWN
        compare = _COMPARISONS.get(type(operator))
        try:
            if compare is None or not compare(left, right):
                return UNKNOWN if compare is None else False
        except TypeError:
            return UNKNOWN
        left = right
    return True


def _item(value: Any, index: Any, of: Any) -> Any:
    if type(index).__name__ == "Index":  # what Python 3.8 wraps it in
        index = index.value
    if not isinstance(value, (tuple, str)):
        return UNKNOWN
    if isinstance(index, ast.Slice):
        ends = [None if part is None else of(part) for part in (index.lower, index.upper)]
        if index.step is None and all(end is None or type(end) is int for end in ends):
            return value[ends[0] : ends[1]]
        return UNKNOWN
    place = of(index)
    inside = type(place) is int and -len(value) <= place < len(value)
    return value[place] if inside else UNKNOWN
