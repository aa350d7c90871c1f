"""The pytest plugin: options, collection, items. The only module that imports pytest.

Everything else is imported when contracts are asked for, so that a suite without them pays nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_importcontract.checks.demand import Demand
    from pytest_importcontract.checks.violation import Violation
    from pytest_importcontract.contract.model import Contract
    from pytest_importcontract.diagnosis.model import Diagnosis
    from pytest_importcontract.diagnosis.scene import Scene
    from pytest_importcontract.observe.facts import Facts, Health, Observation, Target
    from pytest_importcontract.observe.memory import Meter
    from pytest_importcontract.observe.observers import Observers
    from pytest_importcontract.observe.source_cache import SourceCache
    from pytest_importcontract.observe.warm import Warm
    from pytest_importcontract.shipment.image.model import Note
    from pytest_importcontract.shipment.shipment import Shipment

_MARKER = "importcontract"
_TOGETHER = frozenset({"each", "loadfile", "loadgroup", "loadscope"})  # values of --dist
_MOST_NOTES = 5
_MOST_OUTPUT = 40  # lines of what a started service prints


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("importcontract", "import contracts")
    group.addoption(
        "--import-contracts",
        action="store_true",
        help="check that each service imports with only what ships, as its contract demands",
    )
    group.addoption(
        "--import-contracts-file",
        action="append",
        default=[],
        metavar="PATH",
        help="contract file, instead of contracts.toml and [tool.importcontract] at the rootdir; "
        "may be repeated; implies --import-contracts",
    )
    group.addoption(
        "--import-contracts-outside",
        action="append",
        default=[],
        metavar="FOLDER",
        help="a folder outside of the repository that paths of contracts may lead to by links; may "
        "be repeated",
    )
    group.addoption(
        "--import-contracts-jobs",
        type=_at_least_one,
        metavar="N",
        help="how many imports run at a time (default: the number of usable cores)",
    )
    group.addoption(
        "--import-contracts-cache",
        metavar="DIR",
        help="folder where verdicts are remembered from run to run, or 'off' (default: in the "
        "user's cache folder)",
    )
    parser.addini("import_contracts", "as --import-contracts", type="bool", default=False)


def _at_least_one(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return number


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    from pytest_importcontract import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{_MARKER}: an item of an import contract")
    asked = config.getoption("import_contracts") or config.getoption("import_contracts_file")
    if asked or config.getini("import_contracts"):
        config.pluginmanager.register(
            ImportContracts(config, asked=bool(asked)), "import-contracts"
        )


def _resolved(path: Path) -> Path:
    """The path without links; one that loops is left as it is."""
    return Path(os.path.realpath(path))


class ContractViolated(Exception):  # noqa: N818 (a verdict, not an error of ours)
    """A demand does not hold; `diagnoses` say why."""

    def __init__(self, diagnoses: Sequence[Diagnosis]) -> None:
        super().__init__(diagnoses)
        self.diagnoses = tuple(diagnoses)


class ImportContracts:
    """One run with contracts."""

    def __init__(self, config: pytest.Config, *, asked: bool) -> None:
        self._config = config
        self._asked = asked
        # What pytest-xdist's controller told this worker; empty where this is none.
        self._worker: dict[str, Any] = getattr(config, "workerinput", {}).get(_MARKER, {})
        self._added: list[Path] = []
        self._shipments: dict[Path, tuple[Shipment, ...]] = {}
        self._resources = contextlib.ExitStack()
        self._cache = Path()
        self._items: list[ContractItem] = []
        self._runner: Warm | None = None
        self._observers: dict[str, Observers] = {}
        self._diagnoses: list[Diagnosis] = []
        self._totals: Counter[tuple[str, str]] = Counter()
        self._unreached: Counter[str] = Counter()
        self._remembered: Counter[bool] = Counter()
        self._shown: dict[tuple[str, ...], str] = {}
        self._meter: Meter | None = None
        self._terminal: int | None = None
        self._tried: set[str] = set()  # services that an item has been run of

    # Files

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        from pytest_importcontract.contract.loader import load
        from pytest_importcontract.contract.mistakes import MistakesError
        from pytest_importcontract.shipment.home import cache_folder
        from pytest_importcontract.shipment.preparation import prepare

        contracts: dict[Path, Contract] = {}
        mistakes: list[str] = []
        for path in self._files():
            try:
                contracts[path] = load(path, self._name(path))
            except MistakesError as error:
                mistakes.append(str(error))
        mistakes += self._namesakes(contracts)
        cache = self._resources.enter_context(cache_folder())
        self._cache = cache
        outside = self._outside()
        for path, contract in contracts.items():
            try:
                self._shipments[path] = prepare(
                    contract, self._name(path), cache, os.environ, outside=outside
                )
            except MistakesError as error:
                mistakes.append(str(error))
        for shipments in self._shipments.values():
            for shipment in shipments:
                self._resources.callback(shipment.release)
        if mistakes:
            self._resources.close()
            raise pytest.UsageError("\n".join(mistakes))
        self._find_terminal()

    def _outside(self) -> list[Path]:
        """The folders outside of the repository that the user lets links lead to."""
        here = self._config.invocation_params.dir
        named = self._config.getoption("import_contracts_outside")
        return [_resolved(here / folder) for folder in self._worker.get("outside", named)]

    def _namesakes(self, contracts: Mapping[Path, Contract]) -> Iterator[str]:
        """A mistake for each service of a name that another file gave to one of its own."""
        from pytest_importcontract.contract.mistakes import Mistake
        from pytest_importcontract.contract.reader import dotted

        owners: dict[str, Path] = {}
        for path, contract in contracts.items():
            for service in contract.services:
                owner = owners.setdefault(service.name, path)
                if owner != path:
                    mistake = Mistake(
                        file=self._name(path),
                        line=service.line(),
                        subject=dotted(("services", service.name)),
                        what=f"{self._name(owner)} has a service of this name",
                        suggestion="rename one of them",
                    )
                    yield str(mistake)

    def _files(self) -> list[Path]:
        """The contract files of this run: those among pytest's arguments, and those to add."""
        config = self._config
        here = config.invocation_params.dir
        given = []
        for argument in config.args:
            path = _resolved(here / argument.partition("::")[0])
            if path.suffix == ".toml" and os.path.isfile(path):  # noqa: PTH113 (of any length)
                given.append(path)
        named = [_resolved(here / name) for name in config.getoption("import_contracts_file")]
        if self._worker:
            relative = self._worker["files"]
            self._added = [Path(os.path.normpath(config.rootpath / name)) for name in relative]
        elif given or named:
            self._added = [path for path in dict.fromkeys(named) if path not in given]
        else:
            self._added = self._default_files()
        return list(dict.fromkeys([*given, *self._added]))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist, which does not know what the user typed."""
        root = self._config.rootpath
        node.workerinput[_MARKER] = {
            "files": [os.path.relpath(path, root) for path in self._added],
            "outside": list(map(str, self._outside())),
            "together": self._config.getoption("dist") in _TOGETHER,
        }

    def _default_files(self) -> list[Path]:
        from pytest_importcontract.contract.loader import CONTRACTS, PYPROJECT, contracts_in

        config = self._config
        root = config.rootpath
        files = contracts_in(root)
        if not files:
            asked_by = "--import-contracts" if self._asked else "import_contracts = true"
            hint = " (name one by --import-contracts-file=PATH)" if self._asked else ""
            raise pytest.UsageError(
                f"{asked_by}: no {CONTRACTS} and no [tool.importcontract] in "
                f"{PYPROJECT} at {root}{hint}"
            )
        if self._asked or config.args_source is not pytest.Config.ArgsSource.ARGS:
            return files
        here = config.invocation_params.dir
        places = [_resolved(here / argument.partition("::")[0]) for argument in config.args]
        return [file for file in files if any(map(file.is_relative_to, places))]

    def _name(self, path: Path) -> str:
        """What messages call a file: its path from where pytest was started, if it lies near."""
        here = self._config.invocation_params.dir
        near = path.is_relative_to(here) or path.is_relative_to(self._config.rootpath)
        return os.path.relpath(path, here) if near else str(path)

    def _all_shipments(self) -> Iterator[Shipment]:
        for shipments in self._shipments.values():
            for shipment in shipments:
                yield from (shipment, *shipment.variants)

    def pytest_report_header(self) -> list[str]:
        from pytest_importcontract.report.text import safe_line

        lines = []
        for path, shipments in self._shipments.items():
            names = ", ".join(shipment.service.name for shipment in shipments)
            lines.append(f"import contracts: {self._name(path)} ({names})")
            for shipment in shipments:
                for left_out in shipment.ground.left_out:
                    shown = ascii(str(left_out.relative_to(shipment.root)))
                    why = "no regular file, or a link that leads out of the repository"
                    if left_out.is_dir() and not left_out.is_symlink():
                        why = "it cannot be read"
                    lines.append(f"  {shown} does not ship with {shipment.service.name}: {why}")
                lines += self._notes(shipment, ())
                for variant in shipment.variants:
                    lines += self._notes(variant, shipment.ground.notes)
        return [safe_line(line) for line in lines]

    def _notes(self, shipment: Shipment, known: Sequence[Note]) -> list[str]:
        """What was not modelled of an image and is not known; all of it with ``-v``."""
        name = shipment.service.name
        hide = shipment.secrets.hide
        new = [note for note in shipment.ground.notes if note not in known]
        notes = [f"  {name}: {note.line}: {hide(note.what)}" for note in new]
        if self._config.get_verbosity() > 0 or len(notes) <= _MOST_NOTES + 1:
            return notes
        more = f"  {name}: … and {len(notes) - _MOST_NOTES} more notes on its image (-v shows them)"
        return [*notes[:_MOST_NOTES], more]

    # Collection

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Contracts come first, beside what pytest's arguments hold.

        They are no arguments: before pytest 9, a file that is one displaces all else that its
        folder, another argument, would bring.
        """
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            report.result[:0] = [
                ContractFolder.from_parent(
                    collector,
                    path=path.parent,
                    file=path,
                    shipments=self._shipments[path],
                    run=self,
                )
                for path in self._added
            ]
        return report

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ContractFile | None:
        if file_path.suffix != ".toml":
            return None
        path = _resolved(file_path)
        shipments = self._shipments.get(path)
        if shipments is None or path in self._added:
            return None
        # A package's setup would import its __init__ into this process.
        in_package = any(isinstance(node, pytest.Package) for node in parent.listchain())
        owner = parent.session if in_package else parent
        return ContractFile.at(owner, path=file_path, shipments=shipments, run=self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drop what is there already: a file may be an argument, inside of one, and linked to."""
        seen: set[tuple[str, str]] = set()
        kept = []
        for item in items:
            if isinstance(item, ContractItem):
                key = item.shipment.service.name, item.name
                if key in seen:
                    continue
                seen.add(key)
            kept.append(item)
        items[:] = kept

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_finish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        self._items = [item for item in session.items if isinstance(item, ContractItem)]
        if not (self._worker and self._config.getoption("loadgroup", default=False)):
            return (yield)
        # Items of a group are told by their ids' endings, which workers now send. A mark would have
        # pytest-xdist change the ids for good, and --lf and reports would know them by other names.
        for item in self._items:
            item.group = f"@{_MARKER}-{item.shipment.service.name}"
        try:
            return (yield)
        finally:
            for item in self._items:
                item.group = ""

    # Running

    def observers(self, shipment: Shipment) -> Observers:
        """What is known about a service."""
        from pytest_importcontract.observe.observers import Observers
        from pytest_importcontract.observe.source_cache import SourceCache

        name = shipment.service.name
        if name not in self._observers:
            cache = SourceCache(self._cache)
            runner = self._start()
            self._observers[name] = Observers(shipment, runner, self._jobs(), cache)
            if self._worker and self._gets_whole_services:
                runner.prefetch(self._targets_of(shipment))
        return self._observers[name]

    def _start(self) -> Warm:
        """Set the imports of all items going, when the first of them asks.

        A worker of pytest-xdist runs only what it is given, service by service or item by item: the
        others run the rest.
        """
        from pytest_importcontract.observe.durations import Durations
        from pytest_importcontract.observe.runner import Runner
        from pytest_importcontract.observe.source_cache import SourceCache
        from pytest_importcontract.observe.warm import Warm

        if self._runner is None:
            symbols: dict[Target, list[str]] = {}
            for item in self._items:
                for target, symbol in item.demand.symbols:
                    symbols.setdefault(target, []).append(symbol)
            shipments = {shipment.service.name: shipment for shipment in self._all_shipments()}
            services = {name: shipment.service for name, shipment in shipments.items()}
            roots = {name: shipment.root for name, shipment in shipments.items()}
            durations = Durations(SourceCache(self._cache), roots)
            bytecode = self._cache / "bytecode"
            store = self._verdict_store()
            runner = Runner(shipments, symbols, bytecode, self._jobs(), durations, store)
            self._runner = Warm(runner, services, symbols)
            self._resources.callback(runner.close)
            if not self._worker and self._config.get_verbosity() > 0:
                from pytest_importcontract.observe.memory import Meter

                self._meter = Meter()
                self._resources.callback(self._meter.stop)
            if not self._worker:
                self._runner.prefetch(t for item in self._items for t in item.demand.targets)
        return self._runner

    def _verdict_store(self) -> SourceCache | None:
        """Where verdicts are remembered, if they are."""
        from pytest_importcontract.observe.source_cache import SourceCache

        folder: str | None = self._config.getoption("import_contracts_cache")
        if folder == "off":
            return None
        place = self._cache if folder is None else self._config.invocation_params.dir / folder
        store = SourceCache(place, "verdicts")
        if self._config.getoption("cacheclear", default=False) and not self._worker:
            store.clear()
        return store

    @property
    def _gets_whole_services(self) -> bool:
        """Whether this process runs all items of a service that it runs one of."""
        return not self._worker or self._worker["together"]

    def _targets_of(self, shipment: Shipment) -> Iterator[Target]:
        for item in self._items:
            if item.shipment is shipment:
                yield from item.demand.targets

    def start_service(self, shipment: Shipment) -> Health:
        """Start a service as its container does, when nothing else of it runs in this process."""
        from pytest_importcontract.observe.health.attempt import attempt

        runner = self._start()
        if self._gets_whole_services:
            for target in self._targets_of(shipment):
                runner.observe(target)
        return attempt(shipment, self._cache / "bytecode")

    def measured(self, shipment: Shipment, targets: Sequence[Target]) -> tuple[Observation, ...]:
        """What is observed of the targets, one by one, when nothing else runs in this process."""
        runner = self._start()
        if targets and self._gets_whole_services:
            for item in self._items:
                if not self._worker or item.shipment is shipment:
                    for target in item.demand.targets:
                        runner.observe(target)
        return tuple(runner.observe(target) for target in targets)

    def _jobs(self) -> int:
        from pytest_importcontract.observe.cores import usable_cores

        jobs: int | None = self._config.getoption("import_contracts_jobs")
        if jobs is None:
            jobs = usable_cores()
        if not self._worker:
            return jobs
        # Workers share them. One that gets item by item has nothing to do beside the present one.
        sharers = self._config.workerinput["workercount"]  # type: ignore[attr-defined]
        return max(1, jobs // sharers) if self._gets_whole_services else 1

    def progress(self, item: ContractItem) -> contextlib.AbstractContextManager[None]:
        """Says on a terminal that a service starts, while it does; nothing anywhere else."""
        config, name = self._config, item.shipment.service.name
        starts = name not in self._tried or item.demand.starts
        self._tried.add(name)
        if self._terminal is None or not starts or config.get_verbosity() < -1:
            return contextlib.nullcontext()
        from pytest_importcontract.report.progress import Progress

        written = config.get_terminal_writer().width_of_current_line
        return Progress(self._terminal, f"starting {name}", written)

    def _find_terminal(self) -> None:
        """Keep a way to the terminal that pytest writes to, past what captures output."""
        plugins = self._config.pluginmanager
        capture = plugins.getplugin("capturemanager")
        if capture is None or not plugins.has_plugin("terminalreporter"):
            return
        marked_up = self._config.get_terminal_writer().hasmarkup
        with capture.global_and_fixture_disabled(), contextlib.suppress(OSError, ValueError):
            if sys.stdout.isatty() and marked_up and not self._worker:
                self._terminal = os.dup(sys.stdout.fileno())
                self._resources.callback(os.close, self._terminal)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._resources.close()

    # Reports

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        if isinstance(item, ContractItem) and call.when == "call":
            service = item.shipment.service
            report.importcontract = {
                "item": [service.name, item.demand.check, service.declared_name],
                "diagnoses": [diagnosis.to_data() for diagnosis in item.diagnoses],
                "unreached": item.is_unreached,
                "remembered": item.is_remembered,
            }
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = getattr(report, "importcontract", None)
        # What pytest-rerunfailures runs again is told when it has run for the last time.
        if data is None or self._worker or report.outcome not in ("passed", "failed", "skipped"):
            return
        from pytest_importcontract.diagnosis.model import Diagnosis

        service, check, declared = data["item"]
        self._totals[service, check] += 1
        self._unreached[service] += data["unreached"]
        if data["remembered"] is not None:
            self._remembered[data["remembered"]] += 1
        diagnoses = [Diagnosis.from_data(diagnosis) for diagnosis in data["diagnoses"]]
        if report.failed and diagnoses:
            self._diagnoses += diagnoses
            key = (declared, *diagnoses[0].cause.key)
            known = self._shown.get(key, "") if diagnoses[0].is_about_an_import else ""
            report.longrepr = self.text(diagnoses, known)
            self._shown.setdefault(key, report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Write an item's name so that it is no HTML, which pytest-html takes it for."""
        from html import escape

        if hasattr(report, "importcontract"):
            named, escaped = f">{report.nodeid}<", f">{escape(report.nodeid)}<"
            cells[:] = [cell.replace(named, escaped) for cell in cells]

    def text(self, diagnoses: Sequence[Diagnosis], shown_at: str = "") -> Any:
        """The failure's text."""
        from pytest_importcontract.report.failure import FailureText

        config = self._config
        style = config.getoption("tbstyle", "auto")  # the terminal's, which may be switched off
        return FailureText(diagnoses, config.invocation_params.dir, style, shown_at)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        self._summarise(terminalreporter)
        if self._remembered[True] and self._config.get_verbosity() >= 0:
            of = f"{self._remembered[True]} of {self._remembered.total()}"
            terminalreporter.write_line(
                f"import contracts: {of} verdicts are remembered from an earlier run"
            )
        if self._meter is not None and self._meter.peak:
            held = f"{self._meter.peak / 1_000_000:.0f} MB"
            terminalreporter.write_line(
                f"import contracts: the processes of services held {held} at most"
            )

    def _summarise(self, terminalreporter: pytest.TerminalReporter) -> None:
        unreached = +self._unreached
        if not (self._diagnoses or unreached) or self._config.get_verbosity() < -1:
            return
        from pytest_importcontract.report.failure import write_lines
        from pytest_importcontract.report.summary import summarise

        terminalreporter.section("import contracts")
        base = self._config.invocation_params.dir
        writer = self._config.get_terminal_writer()
        lines = summarise(self._diagnoses, self._totals, unreached, writer.fullwidth, base)
        write_lines(writer, tuple(lines))


class ContractFolder(pytest.Directory):
    """Where an added contract lies; that pytest collects it makes it load the conftest.py there."""

    def __init__(
        self, *, file: Path, shipments: Sequence[Shipment], run: ImportContracts, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._file = file
        self._shipments = shipments
        self._run = run

    def collect(self) -> Iterable[ContractFile]:
        yield ContractFile.at(self, path=self._file, shipments=self._shipments, run=self._run)


class ContractFile(pytest.File):
    """A contract file; collects its services."""

    def __init__(
        self, *, shipments: Sequence[Shipment], run: ImportContracts, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._shipments = shipments
        self._run = run

    @classmethod
    def at(cls, parent: pytest.Collector, *, path: Path, **kwargs: Any) -> ContractFile:
        """One whose node id names the file also where it lies outside the rootdir."""
        root = parent.config.rootpath
        if not path.is_relative_to(root):
            kwargs["nodeid"] = os.path.relpath(path, root)
        return cls.from_parent(parent, path=path, **kwargs)

    def collect(self) -> Iterable[ServiceNode]:
        for shipment in self._shipments:
            yield ServiceNode.from_parent(
                self, name=shipment.service.name, shipment=shipment, run=self._run
            )


class ServiceNode(pytest.Collector):
    """A service; collects what its contract demands."""

    def __init__(self, *, shipment: Shipment, run: ImportContracts, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shipment = shipment
        self._run = run

    def collect(self) -> Iterable[ContractItem]:
        from pytest_importcontract.checks import startup
        from pytest_importcontract.checks.all import demands
        from pytest_importcontract.diagnosis.scene import Scene
        from pytest_importcontract.report.text import safe_line

        service, modules = self._shipment.service, self._shipment.modules
        known = self._shipment.ground.holdings is not None
        found = list(demands(service, modules, distributions_known=known))
        hook = self.config.hook.pytest_importcontract_demands
        for more in hook(service=service, modules=modules):
            found.extend(more)
        names = Counter(demand.name for demand in found)
        if twice := [name for name, count in names.items() if count > 1]:
            raise self.CollectError(f"demanded more than once: {', '.join(map(safe_line, twice))}")
        caller = frozenset(os.environ)
        scene = Scene(
            self._shipment,
            caller,
            reached=lambda: self._run.observers(self._shipment).routes.reached or modules,
        )
        scenes = [(demand, scene) for demand in found]
        at = sum(demand.check == startup.NAME for demand in found)
        for variant in self._shipment.variants:
            scene = Scene(variant, caller)
            more_starts = [(demand, scene) for demand in startup.demands(variant.service, ())]
            scenes[at:at] = more_starts
            at += len(more_starts)
        for demand, scene in scenes:
            name = safe_line(demand.name)
            yield ContractItem.from_parent(
                self,
                name=name,
                # As --lf reads it back: from pytest 9.2 on, text in brackets is told from a name.
                nodeid=f"{self.nodeid}::{name}",
                demand=demand,
                scene=scene,
                run=self._run,
            )


class ContractItem(pytest.Item):
    """One demand."""

    def __init__(
        self, *, demand: Demand, scene: Scene, run: ImportContracts, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.demand = demand
        self.shipment = scene.shipment
        self.diagnoses: tuple[Diagnosis, ...] = ()
        self.is_unreached = False
        self.is_remembered: bool | None = None  # None where that cannot be said in a word
        self.group = ""
        self._scene = scene
        self._run = run
        self.add_marker(_MARKER)

    @property
    def nodeid(self) -> str:
        """Its name among all items, with the group that pytest-xdist is just being told."""
        return f"{super().nodeid}{self.group}"

    def _facts(self) -> Facts:
        """All that is to be known to judge it."""
        observers = self._run.observers(self.shipment)
        facts = observers.facts(self.demand.targets, reads=self.demand.reads)
        if self.demand.ask:
            asked = self.demand.ask(self.shipment.service, self.demand.subject, facts)
            facts = observers.asked(facts, asked)
        if self.demand.again:
            more = self.demand.again(self.shipment.service, self.demand.subject, facts)
            if again := self._run.measured(self.shipment, tuple(more)):
                facts = dataclasses.replace(facts, observations=(*facts.observations, *again))
        if self.demand.variables:
            facts = dataclasses.replace(facts, variables=observers.variables)
        if self.demand.starts:
            facts = dataclasses.replace(facts, health=self._run.start_service(self.shipment))
        return facts

    def runtest(self) -> None:
        from pytest_importcontract.diagnosis.diagnose import diagnose_all
        from pytest_importcontract.report.text import last_lines, safe, safe_line

        with self._run.progress(self):
            facts = self._facts()
        if facts.observations and not self.demand.ask:
            self.is_remembered = all(seen.remembered for seen in facts.observations)
        if facts.health is not None and (log := safe(facts.health.log).strip()):
            self.add_report_section("call", "output", last_lines(log, _MOST_OUTPUT))
        if len(facts.observations) == 1:
            for name in ("stdout", "stderr"):
                if text := getattr(facts.observations[0], name):
                    self.add_report_section("call", name, safe(text))
        service, demand = self.shipment.service, self.demand
        notes = [*demand.remark(service, demand.subject, facts)] if demand.remark else []
        if demand.check == "startup" and demand.subject not in self.shipment.ground.starts:
            starts = self.shipment.ground.starts.items()
            notes += [f"the image starts {started} ({line})" for started, line in starts]
        if notes:
            base = f"{self.config.invocation_params.dir}{os.sep}"
            text = "\n".join(safe_line(note.replace(base, "")) for note in notes)
            self.add_report_section("call", "notes", text)
        violations: tuple[Violation, ...] = tuple(demand.verify(service, demand.subject, facts))
        if violations:
            self.diagnoses = diagnose_all(self._scene, violations)
            if why := self._excuse():
                first, self.diagnoses = self.diagnoses[0], ()
                pytest.xfail(safe_line(f"{why}: {first.cause.text}"))
            raise ContractViolated(self.diagnoses)

    def _excuse(self) -> str:
        """Why a module that nobody named need not import; empty where it must.

        Test helpers and tools lie in the packages of many services and ship with them; modules for
        distributions that the code can do without are reached and do not import.
        """
        from pytest_importcontract.checks.demand import entrypoint_targets
        from pytest_importcontract.checks.optional import spare

        service = self.shipment.service
        if self.demand.check != "import" or service.modules is not None:
            return ""
        observers = self._run.observers(self.shipment)
        if not observers.routes.reach(self.demand.subject):
            self.is_unreached = True
            return "not reachable from any entrypoint"
        facts = observers.facts(entrypoint_targets(service), reads=True)
        (observation,) = observers.facts(self.demand.targets).observations
        spared = spare(facts, observation.outcome, observation.edges)
        base = f"{self.config.invocation_params.dir}{os.sep}"
        return f"optional, as {spared.words.replace(base, '')}" if spared is not None else ""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ContractViolated):
            return self._run.text(excinfo.value.diagnoses)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        line = self.shipment.service.line(*self.demand.keys)
        return self.path, max(line - 1, 0), f"{self.shipment.service.declared_name} {self.name}"
