"""Imports modules in forks of processes that have made their first imports, which several share.

Run as ``PYTHON prefix_server.py PACKAGE`` with a plan on standard input: a JSON list of nodes, each
with what it imports (``steps``: pairs of a module and the names taken from it), the modules that
are then imported in forks of it (``modules``), and further nodes (``children``). Prints a line
for each module, ``[NAME, SAID]`` in JSON. What was said is null where the first imports failed or
loaded code of the package, so that the module must be imported alone; empty where it imports; else
the exception.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

PACKAGE = sys.argv.pop()
OUT = os.dup(1)


def main() -> None:
    """Serve the plan, each of its nodes in a fork."""
    plan = json.load(sys.stdin)
    sys.argv[:] = ["-c"]
    sys.path[0] = ""
    sink = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(sink, descriptor)
    for node in plan:
        in_fork(serve, node)


def in_fork(function: Callable[..., None], *arguments: Any) -> None:
    """Call a function in a fork, and wait for its end."""
    pid = os.fork()
    if not pid:
        try:
            function(*arguments)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def serve(node: dict[str, Any], held: set[str] | None = None) -> None:
    """Make a node's imports, then fork.

    Args:
        node: see above.
        held: modules of the package that there may be then; None for any.
    """
    try:
        for name, names in node["steps"]:
            __import__(name, {"__name__": ""}, None, names, 0)
        fine = held in (None, own_modules())
    except BaseException:
        fine = False
    if not fine:
        for name in everything(node):
            tell(name, None)
        return
    gc.collect()
    gc.freeze()
    for name in node["modules"]:
        in_fork(load, name)
    for child in node["children"]:
        in_fork(serve, child, own_modules())


def load(name: str) -> None:
    """Import a module and tell what came of it."""
    try:
        __import__(name)
    except BaseException as error:
        tell(name, f"{type(error).__name__}: {error}")
    else:
        tell(name, "")


def own_modules() -> set[str]:
    """The package's modules that are there."""
    return {name for name in list(sys.modules) if f"{name}.".startswith(f"{PACKAGE}.")}


def everything(node: dict[str, Any]) -> Iterator[str]:
    """The modules of a node and of all below it."""
    yield from node["modules"]
    for child in node["children"]:
        yield from everything(child)


def tell(name: str, said: str | None) -> None:
    """Print a module's line."""
    data = f"{json.dumps([name, said])}\n".encode("ascii")
    while data:
        data = data[os.write(OUT, data) :]


if __name__ == "__main__":
    main()
