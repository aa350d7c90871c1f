"""Whether forks at shared first imports could stand for fresh interpreters, and what they save.

Modules of a service often begin with the same imports of libraries, in the same order. A process
that has made those, after the packages around the module, is nearly what a fresh interpreter is by
then: what remains of the import could run in a fork of it.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import HERE, Bench, emptied
from figures import grid, processor_time, say
from service import Service, differences

Step = tuple[str, tuple[str, ...]]

# Of code that is not its own, a service wants no deprecated modules and a worker that runs.
FOOLING = {
    "old/__init__.py": """\
import warnings
warnings.warn("use new", DeprecationWarning, stacklevel=2)
""",
    "pool/__init__.py": """\
import queue, threading
asked, answers = queue.Queue(), queue.Queue()
def work():
    while True:
        answers.put(asked.get())
threading.Thread(target=work, daemon=True).start()
def ask():
    asked.put(1)
    return answers.get(timeout=2)
""",
    "app/__init__.py": """\
import warnings
warnings.filterwarnings("error", category=DeprecationWarning, module=r"app\\.")
""",
    "app/deprecated_one.py": "import old\n",
    "app/deprecated_two.py": "import old\n",
    "app/fine_one.py": "import json\n",
    "app/fine_two.py": "import json\n",
    "app/worker_one.py": "import pool\npool.ask()\n",
    "app/worker_two.py": "import pool\npool.ask()\n",
}


@dataclass
class Node:
    """A process that has made some imports: those of the one it is a fork of, and its steps."""

    steps: Sequence[Step]
    modules: list[str] = dataclasses.field(default_factory=list)
    children: dict[Step, Node] = dataclasses.field(default_factory=dict)

    def plan(self, *, modules: bool = True) -> dict[str, Any]:
        """As prefix_server.py reads it; without modules, what sharing itself takes."""
        return {
            "steps": self.steps,
            "modules": self.modules if modules else [],
            "children": [child.plan(modules=modules) for child in self.children.values()],
        }


def of_prefixes(bench: Bench, size: int, parts: tuple[int, int], rounds: int) -> str:
    """What forks at shared prefixes save of a bare loop's processor time, and where they differ.

    Args:
        bench: runs it.
        size: modules of the generated service.
        parts: one of how many modules is imported, of the generated service and of ansible-core.
        rounds: how often.
    """
    services = {
        "the generated service": (Service.generated(bench, size), parts[0]),
        "ansible-core": (Service.application(bench), parts[1]),
        "made to fool it": (_fooling(bench), 1),
    }
    lines: list[Sequence[str]] = [
        ("", "modules", "tried", "alone", "in a fork", "all prefixes", "gain", "other verdicts")
    ]
    remarks = []
    for name, (service, of) in services.items():
        say(f"prefixes: {name}")
        figures, differing = _compare(service, of, rounds)
        lines.append((name, *figures, str(len(differing))))
        remarks += [f"- {name}: {one}" for one in differing]
    return "\n".join([grid(lines), "", *remarks, ""])


def _compare(service: Service, of: int, rounds: int) -> tuple[list[str], list[str]]:
    """Both ways with every so manieth module: figures, and what differs."""
    modules = service.portion(0, of)
    nodes = shared(service, modules)
    alone: dict[str, bool] = {}
    taken: list[tuple[float, float, float]] = []
    said: dict[str, str | None] = {}
    service.loop(modules)
    for _ in range(rounds):
        before = processor_time()
        alone = service.loop(modules)
        one = processor_time()
        said = _serve(service, [node.plan() for node in nodes])
        two = processor_time()
        _serve(service, [node.plan(modules=False) for node in nodes])
        prefixes = processor_time() - two
        taken.append((one - before, two - one - prefixes, prefixes))
    forked = {name: not what for name, what in said.items() if what is not None}
    bare, forks, prefixes = (statistics.median(column) for column in zip(*taken, strict=True))
    each, fork, every = bare / len(modules), forks / max(1, len(forked)), len(service.modules)
    unshared = (len(modules) - len(forked)) / len(modules) * every
    whole = prefixes + fork * (every - unshared) + each * unshared
    figures = [
        *(str(every), f"{len(modules)}, {len(forked)} in forks"),
        *(f"{1000 * each:.0f} ms", f"{1000 * fork:.0f} ms", f"{prefixes:.1f} s"),
        f"{each * every / whole:.2f}",
    ]
    wrong = differences(forked, {name: alone[name] for name in forked})
    differing = [
        f"`{name}` {'imports' if alone[name] else 'fails'} alone; in a fork, "
        + (said[name] or "it imports").rstrip(": ")
        for name in wrong
    ]
    return figures, differing


def _serve(service: Service, plan: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    command = [str(HERE / "prefix_server.py"), service.package]
    said = service.bench.run(command, service.folder, stdin=json.dumps(plan))
    return dict(map(json.loads, said.splitlines()))


def shared(service: Service, modules: Sequence[str]) -> list[Node]:
    """Processes for these modules, for every prefix that at least two of the service share."""
    beginnings = {name: (_parents(name), _beginning(service, name)) for name in service.modules}
    sharers = Counter(
        (parents, steps[:length])
        for parents, steps in beginnings.values()
        for length in range(len(steps) + 1)
    )
    roots: dict[tuple[str, ...], Node] = {}
    for name in modules:
        parents, steps = beginnings[name]
        node = roots.setdefault(parents, Node([(parent, ()) for parent in parents]))
        for length, step in enumerate(steps, 1):
            if sharers[parents, steps[:length]] < 2:
                break
            node = node.children.setdefault(step, Node([step]))
        node.modules.append(name)
    return list(roots.values())


def _parents(name: str) -> tuple[str, ...]:
    parts = name.split(".")[:-1]
    return tuple(".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _beginning(service: Service, name: str) -> tuple[Step, ...]:
    """The imports of libraries that a module makes before it does anything else."""
    path = service.folder.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    steps: list[Step] = []
    try:
        body = ast.parse(file.read_bytes()).body
    except (OSError, SyntaxError):
        return ()
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()) if not steps:
                continue
            case ast.ImportFrom(module="__future__"):
                continue
            case ast.ImportFrom(module=str(module), names=names, level=0):
                made = [(module, tuple(alias.name for alias in names if alias.name != "*"))]
            case ast.Import(names=names):
                made = [(alias.name, ()) for alias in names]
            case _:
                break
        if any(f"{module}.".startswith(f"{service.package}.") for module, _ in made):
            break
        steps += made
    return tuple(steps)


def _fooling(bench: Bench) -> Service:
    """A service of which some verdicts depend on who makes its first import, and where."""
    folder = emptied(bench.work / "fooling")
    for name, text in FOOLING.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    names = (Path(name).with_suffix("") for name in FOOLING if name.startswith("app/"))
    modules = (".".join(name.parts).removesuffix(".__init__") for name in names)
    return Service(
        bench=bench, folder=folder, package="app", modules=tuple(sorted(modules)), entrypoint="app"
    )
