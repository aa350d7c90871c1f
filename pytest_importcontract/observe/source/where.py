"""Where in a file a statement stands."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

# `scope`: the qualified name of the function or class around it. `at`: whose names it binds:
# "module", "class" or "function". `deferred`: not run with the module. `open`: whether a loop, a
# handler or a match may leave it out. `dead`: nothing reaches it. `tests`: the conditions around
# it. `tries`: the statements around it that catch exceptions, inner last. `world`: names that a
# function declares global. `loop`: whether it is in a loop's body.
Where = namedtuple("Where", "scope at deferred open dead tests tries world loop")
TOP = Where(
    scope="",
    at="module",
    deferred=False,
    open=False,
    dead=False,
    tests=(),
    tries=(),
    world=frozenset(),
    loop=False,
)

# `node`: the condition. `wanted`: the value of it that leads here. `ends`: whether any other value
# ends what runs, so that what stands here is no choice. `inside`: whether it is not evaluated with
# the module, when others may have set the module's names.
Test = namedtuple("Test", "node wanted ends inside")


def under(where: Where, test: ast.expr, *, wanted: bool, ends: bool = False) -> Where:
    """What is reached from `where` only if a condition comes out as wanted."""
    one = Test(node=test, wanted=wanted, ends=ends, inside=where.at != "module")
    return where._replace(tests=(*where.tests, one))


def perhaps(where: Where) -> Where:
    """What is reached from `where` or left out, as only the running service can tell."""
    return where._replace(open=True)


def within(where: Where, name: str, *, at: str) -> Where:
    """Inside a class, or inside a function, which does not run with what is around it."""
    scope = f"{where.scope}.{name}" if where.scope else name
    inner = where._replace(scope=scope, at=at, world=frozenset(), loop=False)
    if at == "class":
        return inner
    return inner._replace(deferred=True, open=False, tries=())
