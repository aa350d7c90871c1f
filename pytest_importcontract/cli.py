"""The command line: ``python -m pytest_importcontract explain [SERVICE] MODULE``."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import json
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from pytest_importcontract.checks.demand import entrypoint_targets
from pytest_importcontract.contract.loader import CONTRACTS, PYPROJECT, contracts_in, load
from pytest_importcontract.contract.mistakes import MistakesError
from pytest_importcontract.contract.model import Contract, Entrypoint, Runtime, Service
from pytest_importcontract.diagnosis.dossier import Dossier
from pytest_importcontract.diagnosis.inquiry import Sight, inquire
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.subject import SubjectError, read_subject, unknown
from pytest_importcontract.diagnosis.survey import survey
from pytest_importcontract.diagnosis.timing import timetables
from pytest_importcontract.diagnosis.whereabouts import is_anywhere
from pytest_importcontract.observe.cores import usable_cores
from pytest_importcontract.observe.facts import Observation, Target, TargetKind
from pytest_importcontract.observe.observers import Observers
from pytest_importcontract.observe.runner import Runner
from pytest_importcontract.observe.source_cache import SourceCache
from pytest_importcontract.observe.unstarted import Unstarted
from pytest_importcontract.report.dossier import as_data, tell
from pytest_importcontract.report.failure import write_lines
from pytest_importcontract.report.inventory import tell_variables, variables_as_data
from pytest_importcontract.report.terminal import Terminal
from pytest_importcontract.report.timing import tell_times, times_as_data
from pytest_importcontract.shipment.home import cache_folder
from pytest_importcontract.shipment.interpreter import InterpreterError, describe, locate
from pytest_importcontract.shipment.preparation import prepare
from pytest_importcontract.shipment.shipment import Shipment

_PROGRAM = "python -m pytest_importcontract"
_USAGE = 2  # the status of argparse for what was asked in a wrong way
_STARTS = 3  # of which the quickest is told
_INTERRUPTED = 130  # as shells say it
_EXPLAIN = """\
Says of a module whether it ships and what brings it or keeps it away, how each entrypoint comes to
import it, and who imports it. The source is read and nothing of the service is run, unless --run
asks for it. MODULE is a dotted module, a file, or module:Name for a name in one.
"""


class RefusedError(Exception):
    """What was asked for cannot be done; the message says why."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; the exit status: 0 for done, 2 for what was asked in a wrong way.

    Args:
        arguments: what follows the program's name.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    try:
        if arguments[:1] != ["explain"]:
            _parser().parse_args(arguments)
        return _explain(_explain_parser().parse_intermixed_args(arguments[1:]))
    except (RefusedError, SubjectError, MistakesError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _USAGE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # whoever read has enough; what is left is not to be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM)
    version = metadata.version("pytest-importcontract")
    parser.add_argument("--version", action="version", version=f"pytest-importcontract {version}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("explain", help="who imports a module, and whether it ships")
    return parser


def _explain_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{_PROGRAM} explain",
        usage=f"{_PROGRAM} explain [options] [SERVICE] MODULE",
        description=_EXPLAIN,
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="[SERVICE] MODULE", help="a service of the contract, a module")
    contract = f"{CONTRACTS} and [tool.importcontract] in {PYPROJECT}, here or in a folder above"
    add("--file", metavar="PATH", help=f"the contract file; default: {contract}")
    add(
        "--import-contracts-outside",
        dest="outside",
        action="append",
        default=[],
        metavar="FOLDER",
        help="as the option of pytest",
    )
    add("--run", action="store_true", help="start the entrypoints, each in a process of its own")
    add("--imports", action="store_true", help="list what the module imports itself")
    add("--time", action="store_true", help="list what startup imports, with how long it takes")
    add("--env", action="store_true", help="list the variables that startup asks for")
    add("--all", action="store_true", help="list every importer, or import, where there are many")
    add("--json", action="store_true", help="print one JSON object")
    without = parser.add_argument_group("without a contract")
    add = without.add_argument
    add(
        "--entrypoint",
        action="append",
        metavar="MODULE[:APP]",
        help="what is started: a module, module:attribute or file; may be repeated",
    )
    add("--path", action="append", metavar="FOLDER", help="import path entry; default: this folder")
    add("--python", default="", metavar="PATH", help="the service's interpreter; default: this one")
    return parser


def _explain(args: argparse.Namespace) -> int:
    here = Path(os.path.realpath(Path.cwd()))
    if args.time:
        return _time(args, here)
    if args.env:
        return _env(args, here)
    if not args.names:
        raise RefusedError("which module? (or --time for imports, --env for variables)")
    *service, module = args.names
    if len(service) > 1:
        raise RefusedError(f"one service and one module are enough: {' '.join(args.names)}")
    with contextlib.ExitStack() as resources:
        cache = resources.enter_context(cache_folder())
        shipment = _opened(resources, args, here, cache, service)
        dossier = _dossier(shipment, module, here, cache, runs=args.run)
    if args.json:
        print(json.dumps(as_data(dossier, shipment.root), indent=2))  # noqa: T201
    else:
        terminal = Terminal(sys.stdout)
        width = terminal.fullwidth
        shown = tell(dossier, width, here, imports=args.imports, everything=args.all)
        write_lines(terminal, shown)
    sys.stdout.flush()
    return 0


def _dossier(shipment: Shipment, module: str, here: Path, cache: Path, *, runs: bool) -> Dossier:
    """What is known of the module; with `runs`, once the entrypoints were started."""
    scene = _scene(shipment)
    subject = read_subject(scene, module, here)
    name, jobs = shipment.service.name, usable_cores()
    with contextlib.ExitStack() as resources:
        targets: list[Target] = []
        observing: Runner | Unstarted = Unstarted()
        if runs:
            observing = Runner({name: shipment}, {}, cache / "bytecode", jobs)
            resources.callback(observing.close)
            entrypoints = shipment.service.entrypoints
            targets = [Target(name, TargetKind.ENTRYPOINT, e.text) for e in entrypoints]
            observing.prefetch(targets)
        observers = Observers(shipment, observing, jobs, SourceCache(cache))
        sight = Sight(
            facts=observers.facts(targets, reads=True),
            source=observers.source,
            beyond=observers.beyond(subject.module),
            starts=observers.starts,
        )
        return inquire(scene, subject, sight)


def _time(args: argparse.Namespace, here: Path) -> int:
    """Say what each entrypoint imports when it starts, and how long that takes."""
    if len(args.names) > 1 or args.run or args.imports:
        raise RefusedError("--time takes a service and no module, neither --run nor --imports")
    with contextlib.ExitStack() as resources:
        cache = resources.enter_context(cache_folder())
        shipment = _startable(resources, args, here, cache)
        starts = timetables(_observed_starts(shipment, cache))
    if args.json:
        print(json.dumps(times_as_data(starts, shipment.root), indent=2))  # noqa: T201
    else:
        terminal = Terminal(sys.stdout)
        shown = tell_times(starts, terminal.fullwidth, here, everything=args.all)
        write_lines(terminal, shown)
    sys.stdout.flush()
    return 0


def _env(args: argparse.Namespace, here: Path) -> int:
    """Say which variables each entrypoint asks for when it starts, and what sets them."""
    if len(args.names) > 1 or args.run or args.imports or args.all:
        raise RefusedError("--env takes a service and no module, nor --run, --imports, --all")
    with contextlib.ExitStack() as resources:
        cache = resources.enter_context(cache_folder())
        shipment = _startable(resources, args, here, cache)
        name, jobs = shipment.service.name, usable_cores()
        runner = Runner({name: shipment}, {}, cache / "bytecode", jobs)
        resources.callback(runner.close)
        observers = Observers(shipment, runner, jobs, SourceCache(cache))
        targets = entrypoint_targets(shipment.service)
        runner.prefetch(targets)
        seen = observers.facts(targets).observations
        scene = Scene(shipment, frozenset(os.environ), python="this Python")
        found = survey(scene, seen, observers.variables)
    if args.json:
        print(json.dumps(variables_as_data(found, shipment.root), indent=2))  # noqa: T201
    else:
        terminal = Terminal(sys.stdout)
        write_lines(terminal, tell_variables(found, terminal.fullwidth, here))
    sys.stdout.flush()
    return 0


def _startable(
    resources: contextlib.ExitStack, args: argparse.Namespace, here: Path, cache: Path
) -> Shipment:
    """The service that is to be started, which has something that starts."""
    shipment = _opened(resources, args, here, cache, args.names)
    if not shipment.service.entrypoints:
        raise RefusedError(f"{shipment.service.name} has no entrypoints")
    return shipment


def _opened(
    resources: contextlib.ExitStack,
    args: argparse.Namespace,
    here: Path,
    cache: Path,
    service: Sequence[str],
) -> Shipment:
    """The service that is asked about, until `resources` close."""
    of = _without_contract if args.entrypoint else _with_contract
    shipment = of(args, here, cache, service)
    resources.callback(shipment.release)
    return shipment


def _observed_starts(shipment: Shipment, cache: Path) -> list[Observation]:
    """Several starts of each entrypoint and of the bare interpreter: the first may compile."""
    name = shipment.service.name
    targets = (Target(name, TargetKind.BARE, ""), *entrypoint_targets(shipment.service))
    runner = Runner({name: shipment}, {}, cache / "bytecode", 1)
    try:
        return [
            runner.observe(dataclasses.replace(target, attempt=attempt))
            for attempt in range(_STARTS)
            for target in targets
        ]
    finally:
        runner.close()


def _scene(shipment: Shipment) -> Scene:
    return Scene(shipment, python="this Python")


# With a contract


def _with_contract(
    args: argparse.Namespace, here: Path, cache: Path, service: Sequence[str]
) -> Shipment:
    """The service that the contract has, or the one of its services that is named."""
    for option in ("path", "python"):
        if getattr(args, option):
            raise RefusedError(f"--{option} goes with --entrypoint; a contract says it itself")
    files = [Path(os.path.realpath(here / args.file))] if args.file else _found(here)
    contracts = {os.path.relpath(file, here): file for file in files}
    loaded = {name: load(file, name) for name, file in contracts.items()}
    name, contract, wanted = _chosen(loaded, service)
    outside = [Path(os.path.realpath(here / folder)) for folder in args.outside]
    return prepare(contract, name, cache, os.environ, only=wanted, outside=outside)[0]


def _found(here: Path) -> list[Path]:
    """The contract files of the nearest folder that has any, up to the repository's top."""
    for folder in (here, *here.parents):
        if files := contracts_in(folder):
            return files
        if (folder / ".git").exists():
            break
    raise RefusedError(
        f"no {CONTRACTS} and no [tool.importcontract] in {PYPROJECT}, here or in a folder above "
        "(name one by --file=PATH, or what is started by --entrypoint=MODULE)"
    )


def _chosen(contracts: dict[str, Contract], service: Sequence[str]) -> tuple[str, Contract, str]:
    """The contract's name and itself, and the name of the service."""
    found = [
        (name, contract, each.name)
        for name, contract in contracts.items()
        for each in contract.services
        if not service or each.name == service[0]
    ]
    if len(found) == 1:
        return found[0]
    files = " and ".join(contracts)
    known = [each.name for contract in contracts.values() for each in contract.services]
    if len(found) > 1 and service:
        raise RefusedError(f"{files} both have a service {service[0]} (name one by --file=PATH)")
    if len(found) > 1:
        raise RefusedError(f"{files}: name a service before the module: {', '.join(known)}")
    near = difflib.get_close_matches(service[0], known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    raise RefusedError(f"{files}: no service is called {service[0]} ({hint})")


# Without


def _without_contract(
    args: argparse.Namespace, here: Path, cache: Path, service: Sequence[str]
) -> Shipment:
    """A service that consists of entrypoints, in this folder."""
    if args.file or service:
        what = "--file" if args.file else f"the service {service[0]}"
        raise RefusedError(f"{what} is of a contract, and --entrypoint is for where there is none")
    entrypoints = tuple(_entrypoint(text, here) for text in dict.fromkeys(args.entrypoint))
    for text in args.path or ():
        if not (here / text).is_dir():
            raise RefusedError(f"--path {text}: there is no such folder")
    try:
        describe(locate(args.python, here))
    except InterpreterError as error:
        hint = f" ({error.suggestion})" if error.suggestion else ""
        raise RefusedError(f"--python {error}{hint}") from None
    paths = tuple(args.path) if args.path else None
    only = Service(
        name=entrypoints[0].package or str(entrypoints[0]),
        entrypoints=entrypoints,
        runtime=Runtime(paths=paths, python=args.python),
    )
    contract = Contract(path=here / PYPROJECT, services=(only,))
    shipment = prepare(contract, "", cache, os.environ)[0]
    scene = _scene(shipment)
    for entrypoint in entrypoints:
        if entrypoint.module and not is_anywhere(scene, entrypoint.module):
            shipment.release()
            raise RefusedError(f"--entrypoint: {unknown(scene, entrypoint.module)}")
    return shipment


def _entrypoint(text: str, here: Path) -> Entrypoint:
    try:
        found = Entrypoint.parse(text)
    except ValueError as error:
        raise RefusedError(f"--entrypoint {text} {error}") from None
    if found.file is not None and not (here / found.file).is_file():
        raise RefusedError(f"--entrypoint {text}: there is no such file")
    return found
