"""Which objects are one, and which definitions are a second one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from facts import edge, service

from pytest_importcontract.checks import canonical
from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import Canonical, Entrypoint, Service, Symbol
from pytest_importcontract.observe.facts import (
    Answer,
    Facts,
    Failure,
    Found,
    ImportEdge,
    Link,
    MissingSymbol,
    Origin,
    Outcome,
    OutcomeKind,
    Place,
    SyntaxFault,
)
from pytest_importcontract.observe.questions import Question
from pytest_importcontract.observe.routes import Routes
from pytest_importcontract.observe.sources import Analysis, Binding, ModuleSource, Unread

LOADED = Outcome(kind=OutcomeKind.LOADED)
NO_MODULE = Outcome(
    kind=OutcomeKind.FAILED,
    failure=Failure(
        stage="import", links=(Link(type="ImportError", bases=("ImportError",), message="no"),)
    ),
)
SUBJECT = "app.db:Manager"
GONE = MissingSymbol(missing="Manager", owner="", names=())


def api(*aliases: str, unique: bool = False, **keys: Any) -> Service:
    one = Canonical(
        symbol=Symbol.parse(SUBJECT), aliases=tuple(map(Symbol.parse, aliases)), unique=unique
    )
    return service(canonical=(one,), **keys)


def source(
    definitions: Mapping[str, str], *edges: ImportEdge, files: Mapping[str, str] | None = None
) -> Analysis:
    """Modules by name, each with how it binds ``Manager`` on line 3."""
    modules = {
        module: ModuleSource(
            module=module,
            file=(files or {}).get(module, f"/r/{module}.py"),
            bound=(Binding(name="Manager", line=3, how=how),),
        )
        for module, how in definitions.items()
    }
    return Analysis(edges=edges, modules=modules, unread=())


def answered(question: Question, objects: Mapping[str, Any]) -> Answer:
    """What modules' ``Manager`` are: an object's name, None for none, an outcome for failures."""
    found: list[Found] = []
    seen: list[str] = []
    for symbol in question.symbols:
        what = objects[symbol[0]]
        if isinstance(what, Outcome):
            return Answer(question=question, outcome=what, found=tuple(found))
        if what is None:
            found.append(Found(symbol=symbol, missing=GONE))
            continue
        seen.append(what)
        home = what.partition("#")[0], "Manager"
        found.append(Found(symbol=symbol, identity=1 + seen.index(what), type="type", home=home))
    return Answer(question=question, outcome=LOADED, found=tuple(found))


def known(it: Service, facts: Facts, **objects: Any) -> Facts:
    """The facts with what the started service answers; underscores stand for dots."""
    dotted = {name.replace("_", "."): what for name, what in objects.items()}
    asked = canonical.ask(it, SUBJECT, facts)
    return Facts(
        source=facts.source,
        routes=facts.routes,
        answers=tuple(answered(question, dotted) for question in asked),
    )


def said(it: Service, facts: Facts, **objects: Any) -> list[str]:
    """The symbols of the violations."""
    facts = known(it, facts, **objects)
    return [violation.symbol for violation in canonical.check(it, SUBJECT, facts)]


def remarked(it: Service, facts: Facts, **objects: Any) -> list[str]:
    return list(canonical.remarks(it, SUBJECT, known(it, facts, **objects)))


def test_an_item_for_each_object() -> None:
    (demand,) = canonical.demands(api("app:Manager"), [])
    assert (demand.name, demand.keys, demand.reads) == (
        "canonical[app.db:Manager]",
        ("canonical", 0),
        True,
    )


def test_one_object_is_one() -> None:
    assert said(api("app:Manager"), Facts(), app_db="app.db", app="app.db") == []


def test_an_alias_that_is_another_object() -> None:
    found = said(
        api("app:Manager", "app.x:Manager", "app.y:Manager"),
        Facts(),
        app_db="app.db",
        app="app.db",
        app_x="app.x",
        app_y="app.db#copy",
    )
    assert found == ["app.x:Manager", "app.y:Manager"]


def test_an_alias_that_is_not_there() -> None:
    it = api("app:Manager", "app.x:Manager", "app.y:Manager")
    facts = known(it, Facts(), app_db="app.db", app=None, app_x=NO_MODULE, app_y="app.db")
    violations = list(canonical.check(it, SUBJECT, facts))
    assert [violation.symbol for violation in violations] == ["app:Manager", "app.x:Manager"]
    assert [violation.missing for violation in violations] == [GONE, None]
    outcomes = [v.observation.outcome for v in violations if v.observation]
    assert outcomes == [LOADED, NO_MODULE]


def test_without_the_symbol_nothing_else_is_told() -> None:
    facts = Facts(source=source({"app.db": "import", "app.x": "class"}))
    it = api("app:Manager", unique=True)
    for what in (None, NO_MODULE):
        assert said(it, facts, app_db=what, app="app.db", app_x="app.x") == [SUBJECT]


def test_a_second_definition() -> None:
    facts = Facts(
        source=source(
            {"app.db": "class", "app.x": "class", "app.y": "function", "app.z": "value"},
        )
    )
    objects = {"app_db": "app.db", "app_x": "app.x", "app_y": "app.y"}
    assert said(api(unique=True), facts, **objects) == ["app.x:Manager", "app.y:Manager"]
    assert said(api("app.x:Manager", unique=True), facts, **objects) == [
        "app.x:Manager",
        "app.y:Manager",
    ]
    assert said(api("app.y:Manager"), facts, app_db="app.db", app_y="app.db") == []


def test_its_place_and_who_imports_it() -> None:
    edges = (
        edge("app.a", "app.x", "Manager"),
        edge("app.b", "app.x", "Other"),
        edge("app.c", "app.x"),
        edge("app.d", "app", "x", submodules=("x",)),
        edge("app.e", "app.a", "Manager", scope="function"),
        edge("app.f", "app.e", "Manager"),
        edge("app.g", "app.db", "Manager"),
        edge("app.h", "app.a", "*"),
        edge("app.i", "app.h", "Manager"),
        edge("app.tests.test_x", "app.x", "Manager"),
    )
    facts = Facts(source=source({"app.db": "class", "app.x": "class"}, *edges))
    it = api(unique=True)
    (violation,) = canonical.check(it, SUBJECT, known(it, facts, app_db="app.db", app_x="app.x"))
    assert violation.place == Place("/r/app.x.py", 3)
    assert not violation.reached
    importers = [found.importer for found in violation.edges]
    assert importers == ["app.a", "app.c", "app.d", "app.e", "app.h", "app.i"]


def test_where_the_symbol_is_at_home_is_no_second_place() -> None:
    facts = Facts(source=source({"app.db": "import", "app.x": "class"}))
    assert said(api(unique=True), facts, app_db="app.x", app_x="app.x") == []


def test_what_is_the_same_object_is_no_second_one() -> None:
    """A decorated function, say, that does not tell where it is at home."""
    facts = Facts(source=source({"app.db": "import", "app.x": "function"}))
    assert said(api(unique=True), facts, app_db="nowhere", app_x="nowhere") == []


def test_a_copy_does_not_make_its_original_a_second_one() -> None:
    facts = Facts(source=source({"app.db": "value", "app.x": "function"}))
    assert said(api(unique=True), facts, app_db="app.x#wrapped", app_x="app.x") == []


def test_a_second_one_that_cannot_be_imported_is_one() -> None:
    facts = Facts(source=source({"app.db": "class", "app.x": "class"}))
    assert said(api(unique=True), facts, app_db="app.db", app_x=NO_MODULE) == ["app.x:Manager"]


def test_what_the_module_did_not_define_when_it_ran_is_no_second_one() -> None:
    """A class for type checkers alone, say."""
    facts = Facts(source=source({"app.db": "class", "app.x": "class"}))
    assert said(api(unique=True), facts, app_db="app.db", app_x=None) == []


def test_tests_may_have_their_own() -> None:
    facts = Facts(source=source({"app.db": "class", "app.tests.fakes": "class"}))
    assert said(api(unique=True), facts, app_db="app.db") == []


def test_what_only_ships_beside_the_service_is_a_note() -> None:
    facts = Facts(source=source({"app.db": "class", "other.db": "class"}), routes=Routes())
    objects = {"app_db": "app.db", "other_db": "other.db"}
    it = api(unique=True)
    assert said(it, facts, **objects) == []
    assert remarked(it, facts, **objects) == [
        (
            "other.db:Manager (other.db:3) ships as well, in code that is not api's and that no "
            "entrypoint reaches"
        )
    ]


def test_what_is_the_services_own() -> None:
    facts = Facts(source=source({"app.db": "class", "other.db": "class"}), routes=Routes())
    objects = {"app_db": "app.db", "other_db": "other.db"}
    reached = Facts(
        source=facts.source,
        routes=Routes(starts={"app": "app"}, last={"other.db": edge("app", "other.db")}),
    )
    for it, about in (
        (api(unique=True), reached),
        (api(unique=True, allowed_roots=("app", "other")), facts),
        (api(unique=True, modules=Globs.parse(("other.**",), ".")), facts),
        (api(unique=True, entrypoints=(Entrypoint.parse("other.main"),)), facts),
    ):
        assert said(it, about, **objects) == ["other.db:Manager"]
        assert remarked(it, about, **objects) == []


def test_one_file_under_two_names() -> None:
    """It counts where something imports it by its other name."""
    files = {"app.db": "/r/src/app/db.py", "src.app.db": "/r/src/app/db.py"}
    read = source({"app.db": "class", "src.app.db": "class"}, files=files)
    objects = {"app_db": "app.db", "src_app_db": "src.app.db"}
    it = api(unique=True)
    assert said(it, Facts(source=read, routes=Routes()), **objects) == []
    assert remarked(it, Facts(source=read, routes=Routes()), **objects) == []
    reached = Routes(starts={"app": "app"}, last={"src.app.db": edge("app", "src.app.db")})
    assert said(it, Facts(source=read, routes=reached), **objects) == ["src.app.db:Manager"]


def test_what_is_imported_by_a_longer_name() -> None:
    """Only the run can tell whether it is the same file or another package's module."""
    edges = (
        edge("app.a", "src.app.db", "Manager", origin=Origin.THIRD_PARTY),
        edge("app.b", "db", "Manager", origin=Origin.THIRD_PARTY),
        edge("app.tests.c", "other.app.db", "Manager", origin=Origin.THIRD_PARTY),
        edge("app.d", "lib.app.db", "Manager", origin=Origin.STANDARD_LIBRARY),
        edge("app.e", "src_app.db", "Manager", origin=Origin.THIRD_PARTY),
    )
    read = Facts(source=source({"app.db": "class", "app.a": "import"}, *edges))
    it = api(unique=True)
    facts = known(it, read, app_db="app.db", src_app_db="src.app.db", db="db")
    assert [answer.question.symbols[-1][0] for answer in facts.answers] == [
        "app.db",
        "db",
        "src.app.db",
    ]
    assert list(canonical.check(it, SUBJECT, facts)) == []
    seen = [
        dataclasses.replace(
            answer,
            edges=(edge("__main__", "src.app.db"), edge("x", "db", origin=Origin.THIRD_PARTY)),
        )
        for answer in facts.answers
    ]
    facts = dataclasses.replace(facts, answers=tuple(seen))
    it = api(unique=True, allowed_roots=("app", "src"))
    (violation,) = canonical.check(it, SUBJECT, facts)
    assert (violation.symbol, violation.place) == ("src.app.db:Manager", Place("/r/app.db.py", 3))
    assert [found.importer for found in violation.edges] == ["app.a"]


def test_what_was_not_read_is_told() -> None:
    fault = SyntaxFault(place=Place("/r/x.py", 2), column=1, text="", message="invalid syntax")
    read = source({"app.db": "class"})
    unread = (
        Unread(module="app.x", fault=fault),
        Unread(module="app.db", fault=fault, read_otherwise=True),
    )
    facts = Facts(source=Analysis(edges=(), modules=read.modules, unread=unread))
    assert remarked(api(unique=True), facts, app_db="app.db") == [
        "app.x was not read: invalid syntax"
    ]
    assert remarked(api("app:Manager"), facts, app_db="app.db", app="app.db") == []
