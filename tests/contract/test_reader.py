# ruff: noqa: E501 - messages are compared whole, each on its line
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from pytest_importcontract.contract.globs import Globs
from pytest_importcontract.contract.model import (
    Canonical,
    Contract,
    Documented,
    Entrypoint,
    Integration,
    Isolation,
    Runtime,
    Service,
    Ships,
    Symbol,
    ThirdParty,
    TypingImports,
)

Read = Callable[..., Contract]
Refusal = Callable[..., str]

MINIMAL = """\
[services.backend]
entrypoints = ["app.main:app"]
"""

FULL = """\
[services.backend]
description = "HTTP API"
entrypoints = ["app.main:app", "app/worker.py"]
modules = ["app.**", "!**.tests.**"]
allowed_roots = ["app", "shared.models"]
third_party = "listed"
typing_imports = "check"
required_symbols = ["app.db:Session"]
isolation = "cold"
may_be_empty = true

[services.backend.ships]
files = ["app", "shared/models/**"]

[services.backend.runtime]
python = "../venv/bin/python"
paths = [".", "src"]
env = { MODE = "test" }
env_file = ".env"
pass_env = ["LANG"]
setup = "django:setup"
timeout = 7.5

[[services.backend.integrations]]
name = "auth"
root = "auth"
through = ["app.door"]
exempt = ["app.migrations.**"]
reason = "one module owns it"
may_be_empty = true

[[services.backend.canonical]]
symbol = "app.db:Session"
aliases = ["app:Session", "app.api:Outer.Session"]
unique = true

[[services.backend.documented]]
file = "docs/./IMPORTS.md"
holds = ["*VERIFIED*", "How to"]
fails = ["*BROKEN*"]
may_be_empty = true
"""


def expected(text: str) -> str:
    return dedent(text).strip()


def modules(*texts: str) -> Globs:
    return Globs.parse(texts, ".")


def test_what_a_dockerfile_makes(read: Read) -> None:
    contract = read("""
    [services.backend.ships]
    dockerfile = "dockerfiles/api.Dockerfile"
    context = "services"
    target = "runtime"
    args = { APP = "api" }
    requirements = ["requirements.txt"]
    provides = { "google.cloud.storage" = "google-cloud-storage" }
    """)
    (service,) = contract.services
    assert service.entrypoints == ()
    assert service.third_party is ThirdParty.DECLARED
    assert service.typing_imports is TypingImports.ALLOW
    assert service.ships == Ships(
        dockerfile="dockerfiles/api.Dockerfile",
        context="services",
        target="runtime",
        args={"APP": "api"},
        requirements=("requirements.txt",),
        provides={"google.cloud.storage": "google-cloud-storage"},
    )


def test_a_dockerfile_outside(refusal: Refusal) -> None:
    text = """\
    [services.backend.ships]
    dockerfile = "../Dockerfile"
    context = "/srv"
    requirements = ["a.txt", "../b.txt"]
    """
    advice = "keep the contract file at the top of the repository"
    assert (
        refusal(text)
        == dedent(f"""\
        contracts.toml:2: services.backend.ships.dockerfile: '../Dockerfile' leads out of the folder of contracts.toml ({advice})
        contracts.toml:3: services.backend.ships.context: '/srv' leads out of the folder of contracts.toml ({advice})
        contracts.toml:4: services.backend.ships.requirements[1]: '../b.txt' leads out of the folder of contracts.toml ({advice})""")
    )


def test_a_minimal_contract(read: Read, tmp_path: Path) -> None:
    service = Service(name="backend", entrypoints=(Entrypoint.parse("app.main:app"),))
    assert read(MINIMAL) == Contract(path=tmp_path / "contracts.toml", services=(service,))


def test_a_contract_with_every_key(read: Read) -> None:
    (service,) = read(FULL).services
    assert service == Service(
        name="backend",
        description="HTTP API",
        entrypoints=(Entrypoint.parse("app.main:app"), Entrypoint.parse("app/worker.py")),
        modules=modules("app.**", "!**.tests.**"),
        allowed_roots=("app", "shared.models"),
        third_party=ThirdParty.LISTED,
        typing_imports=TypingImports.CHECK,
        required_symbols=(Symbol(module="app.db", attribute="Session"),),
        isolation=Isolation.COLD,
        may_be_empty=True,
        ships=Ships(files=Globs.parse(("app", "shared/models/**"), "/")),
        runtime=Runtime(
            python="../venv/bin/python",
            paths=(".", "src"),
            env={"MODE": "test"},
            env_file=".env",
            pass_env=("LANG",),
            setup=Symbol(module="django", attribute="setup"),
            timeout=7.5,
        ),
        integrations=(
            Integration(
                name="auth",
                root="auth",
                through=modules("app.door"),
                exempt=modules("app.migrations.**"),
                reason="one module owns it",
                may_be_empty=True,
                line=24,
            ),
        ),
        canonical=(
            Canonical(
                symbol=Symbol(module="app.db", attribute="Session"),
                aliases=(
                    Symbol(module="app", attribute="Session"),
                    Symbol(module="app.api", attribute="Outer.Session"),
                ),
                unique=True,
            ),
        ),
        documented=(
            Documented(
                file="docs/IMPORTS.md",
                holds=("*VERIFIED*", "How to"),
                fails=("*BROKEN*",),
                may_be_empty=True,
            ),
        ),
    )


def test_a_contract_knows_its_lines(read: Read) -> None:
    (service,) = read(FULL).services
    assert service.line() == 1
    assert service.line("modules", 1) == 4
    assert service.line("runtime", "env", "MODE") == 18
    assert service.line("integrations", 0, "through", 0) == 27


def test_a_contract_is_hashable(read: Read) -> None:
    assert hash(read(FULL)) == hash(read(FULL))


def test_services_keep_their_order(read: Read) -> None:
    text = "[services.z]\nmodules = ['z']\n[services.a]\nmodules = ['a']\n"
    assert [service.name for service in read(text).services] == ["z", "a"]


def test_names_that_are_not_dotted(refusal: Refusal) -> None:
    text = """\
    [services.a]
    entrypoints = [
      "app main",
      "app/main",
      "app/main.py:app",
      "app\\\\main.py",
      "app.main:create(1)",
      "/app/main.py",
      "../main.py",
      "a/\\n",
    ]
    required_symbols = ["app.db.Session", "app/db.py:Session", "app"]
    allowed_roots = ["app/", "app.**", "./lib/__init__.py", "1 2"]
    runtime.setup = "django.setup"
    """
    form = "is no module, module:attribute, module:factory() or file.py"
    assert refusal(text) == expected(f"""
        contracts.toml:3: services.a.entrypoints[0]: 'app main' {form}
        contracts.toml:4: services.a.entrypoints[1]: 'app/main' {form} (did you mean app.main?)
        contracts.toml:5: services.a.entrypoints[2]: 'app/main.py:app' {form} (did you mean app.main:app?)
        contracts.toml:6: services.a.entrypoints[3]: 'app\\\\main.py' {form} (did you mean app/main.py?)
        contracts.toml:7: services.a.entrypoints[4]: 'app.main:create(1)' {form} (did you mean app.main?)
        contracts.toml:8: services.a.entrypoints[5]: '/app/main.py' is a file outside the contract's folder
        contracts.toml:9: services.a.entrypoints[6]: '../main.py' is a file outside the contract's folder
        contracts.toml:10: services.a.entrypoints[7]: 'a/\\n' {form}
        contracts.toml:12: services.a.required_symbols[0]: 'app.db.Session' is not of the form module:Name (did you mean app.db:Session?)
        contracts.toml:12: services.a.required_symbols[1]: 'app/db.py:Session' is not of the form module:Name (did you mean app.db:Session?)
        contracts.toml:12: services.a.required_symbols[2]: 'app' is not of the form module:Name
        contracts.toml:13: services.a.allowed_roots[0]: 'app/' is no dotted name (did you mean app?)
        contracts.toml:13: services.a.allowed_roots[1]: 'app.**' is no dotted name (did you mean app?)
        contracts.toml:13: services.a.allowed_roots[2]: './lib/__init__.py' is no dotted name (did you mean lib?)
        contracts.toml:13: services.a.allowed_roots[3]: '1 2' is no dotted name
        contracts.toml:14: services.a.runtime.setup: 'django.setup' is not of the form module:Name (did you mean django:setup?)
    """)


def test_globs_that_cannot_be_read(refusal: Refusal) -> None:
    text = """\
    [services.a]
    modules = ["app", "a..b", "a**", "[a", "[z-a]", "!", "app/core", "app:core", "!./app/tests/**"]
    ships.files = ["app", "a//b", "../x", "!/abs", "a\\\\b", "!"]
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.modules[1]: 'a..b' is no glob: an empty component
        contracts.toml:2: services.a.modules[2]: 'a**' is no glob: '**' must be a component of its own, not part of 'a**'
        contracts.toml:2: services.a.modules[3]: '[a' is no glob: '[' without ']'
        contracts.toml:2: services.a.modules[4]: '[z-a]' is no glob: the range z-a runs backwards
        contracts.toml:2: services.a.modules[5]: '!' is no glob: it is empty
        contracts.toml:2: services.a.modules[6]: 'app/core' is no glob: no module's name holds '/' (did you mean app.core?)
        contracts.toml:2: services.a.modules[7]: 'app:core' is no glob: no module's name holds ':' (did you mean app?)
        contracts.toml:2: services.a.modules[8]: '!./app/tests/**' is no glob: an empty component (did you mean !app.tests.**?)
        contracts.toml:3: services.a.ships.files[1]: 'a//b' is no glob: an empty component
        contracts.toml:3: services.a.ships.files[2]: '../x' leads out of the folder of contracts.toml (keep the contract file at the top of the repository)
        contracts.toml:3: services.a.ships.files[3]: '/abs' leads out of the folder of contracts.toml (keep the contract file at the top of the repository)
        contracts.toml:3: services.a.ships.files[4]: 'a\\\\b' is no glob: folders are separated by '/' (did you mean a/b?)
        contracts.toml:3: services.a.ships.files[5]: '!' is no glob: it is empty
    """)


def test_globs_that_exclude_from_nothing(refusal: Refusal) -> None:
    text = """\
    [services.a]
    modules = ["!app.tests.**", "app.**", "!app.old"]
    ships.files = ["!app/tests", "!app/old"]
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.modules[0]: '!app.tests.**' excludes from nothing (the last match decides: put it after what it takes from)
        contracts.toml:3: services.a.ships.files: only excludes, so it names nothing
    """)


def test_variables_that_move_the_interpreter(refusal: Refusal) -> None:
    text = f"""\
{MINIMAL}
[services.backend.runtime]
env = {{ A = "1", PYTHONHOME = "/x" }}
pass_env = ["PYTHONPATH", "PYTHONPLATLIBDIR"]
"""
    why = "would move the interpreter's standard library (name the interpreter with runtime.python)"
    assert refusal(text) == expected(f"""
        contracts.toml:5: services.backend.runtime.env.PYTHONHOME: PYTHONHOME {why}
        contracts.toml:6: services.backend.runtime.pass_env[1]: PYTHONPLATLIBDIR {why}
    """)


def test_paths_that_lead_out(refusal: Refusal) -> None:
    text = f"""\
{MINIMAL}
[services.backend.runtime]
python = "/usr/bin/python3"
paths = [".", "..", "src/../..", "/srv"]
env_file = "../.env"
"""
    fix = "keep the contract file at the top of the repository"
    assert refusal(text) == expected(f"""
        contracts.toml:6: services.backend.runtime.paths[1]: '..' leads out of the folder of contracts.toml ({fix})
        contracts.toml:6: services.backend.runtime.paths[2]: 'src/../..' leads out of the folder of contracts.toml ({fix})
        contracts.toml:6: services.backend.runtime.paths[3]: '/srv' leads out of the folder of contracts.toml ({fix})
        contracts.toml:7: services.backend.runtime.env_file: '../.env' leads out of the folder of contracts.toml ({fix})
    """)


def test_entrypoints_outside_the_allowed_roots(refusal: Refusal) -> None:
    text = """\
    [services.a]
    entrypoints = ["app.main", "other.main:app", "apple", "run.py"]
    allowed_roots = ["app"]
    [services.b]
    entrypoints = ["app.main"]
    allowed_roots = []
    [services.c]
    entrypoints = ["app.main"]
    third_party = "listed"
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.entrypoints[1]: other.main lies outside allowed_roots (add other to allowed_roots)
        contracts.toml:2: services.a.entrypoints[2]: apple lies outside allowed_roots (add apple to allowed_roots)
        contracts.toml:5: services.b.entrypoints[0]: app.main lies outside allowed_roots (add app to allowed_roots)
        contracts.toml:9: services.c.third_party: needs allowed_roots to list them
    """)


def test_doors_that_are_none(refusal: Refusal) -> None:
    text = """\
    [services.a]
    entrypoints = ["app.main"]
    allowed_roots = ["app", "auth.client"]
    [[services.a.integrations]]
    name = "inside"
    root = "auth"
    through = ["auth", "auth.core.*", "app.door", "authx*.y", "!auth.api"]
    exempt = ["app.door"]
    [[services.a.integrations]]
    name = "outside"
    root = "billing"
    through = ["shared.billing", "app.**", "**.billing", "!shared.x"]
    exempt = ["tests.**"]
    [[services.a.integrations]]
    name = "open"
    root = "mail"
    through = ["app.mail", "**"]
    exempt = ["**", "!app.x"]
    [[services.a.integrations]]
    name = "exempting"
    root = "queue"
    through = ["app/queue.py"]
    exempt = ["**"]
    """
    assert refusal(text) == expected("""
        contracts.toml:7: services.a.integrations[0].through[0]: 'auth' lies inside root (auth may always import itself)
        contracts.toml:7: services.a.integrations[0].through[1]: 'auth.core.*' lies inside root (auth may always import itself)
        contracts.toml:12: services.a.integrations[1].through[0]: 'shared.billing' lies outside allowed_roots, so outside the service (name the service's own module)
        contracts.toml:17: services.a.integrations[2].through: lets every module in, so nothing is forbidden
        contracts.toml:22: services.a.integrations[3].through[0]: 'app/queue.py' is no glob: no module's name holds '/' (did you mean app.queue?)
        contracts.toml:23: services.a.integrations[3].exempt: lets every module in, so nothing is forbidden
    """)


def test_doors_may_be_anywhere_without_allowed_roots(read: Read) -> None:
    text = "[[services.backend.integrations]]\nname = 'a'\nroot = 'auth'\nthrough = ['x.y']\n"
    assert read(MINIMAL + text).services[0].integrations[0].doors == "x.y"


def test_objects_that_are_compared_with_nothing(refusal: Refusal) -> None:
    text = """\
    [[services.a.canonical]]
    symbol = "app.db.Session"
    aliases = ["app:Session", "app/x.py:Session", "app:Session", "x"]
    [[services.a.canonical]]
    symbol = "app.db:Session"
    [[services.a.canonical]]
    symbol = "app.db:Engine"
    unique = false
    [[services.a.canonical]]
    symbol = "app.db:Pool"
    aliases = ["app.pool:Pool", "app.db:Pool"]
    [[services.a.canonical]]
    symbol = "app.db:Pool"
    unique = true
    [[services.a.canonical]]
    symbol = "app.db:Outer.Inner"
    unique = true
    [[services.a.canonical]]
    alias = ["app.db:X"]
    aliases = []
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.canonical[0].symbol: 'app.db.Session' is not of the form module:Name (did you mean app.db:Session?)
        contracts.toml:3: services.a.canonical[0].aliases[1]: 'app/x.py:Session' is not of the form module:Name (did you mean app.x:Session?)
        contracts.toml:3: services.a.canonical[0].aliases[2]: 'app:Session' is listed twice
        contracts.toml:3: services.a.canonical[0].aliases[3]: 'x' is not of the form module:Name
        contracts.toml:4: services.a.canonical[1]: has neither aliases nor unique
        contracts.toml:6: services.a.canonical[2]: demands nothing (list aliases, or set unique = true)
        contracts.toml:11: services.a.canonical[3].aliases[1]: app.db:Pool is the symbol itself
        contracts.toml:13: services.a.canonical[4].symbol: a second entry for app.db:Pool (list all its aliases in one)
        contracts.toml:17: services.a.canonical[5].unique: Outer.Inner is no name at a module's top level (only those can be unique)
        contracts.toml:18: services.a.canonical[6]: symbol is missing
        contracts.toml:19: services.a.canonical[6].alias: unknown key (did you mean aliases?)
        contracts.toml:20: services.a.canonical[6].aliases: is empty
    """)


def test_documents_that_cannot_be_meant(refusal: Refusal) -> None:
    text = """\
    [[services.a.documented]]
    file = "../README.md"
    holds = ["*A*"]
    fails = ["B", "*A*"]
    [[services.a.documented]]
    file = "docs/a.md"
    headings = ["A"]
    [[services.a.documented]]
    file = "docs/./a.md"
    holds = []
    fails = "B"
    [[services.a.documented]]
    holds = ["A"]
    """
    assert refusal(text) == expected("""
        contracts.toml:2: services.a.documented[0].file: '../README.md' leads out of the folder of contracts.toml (keep the contract file at the top of the repository)
        contracts.toml:4: services.a.documented[0].fails[1]: '*A*' is in holds as well
        contracts.toml:7: services.a.documented[1].headings: unknown key (known: file, holds, fails, may_be_empty)
        contracts.toml:9: services.a.documented[2].file: a second entry for docs/a.md (join them)
        contracts.toml:10: services.a.documented[2].holds: is empty
        contracts.toml:11: services.a.documented[2].fails: expected a list, got a string (write ["B"])
        contracts.toml:12: services.a.documented[3]: file is missing
    """)


def test_what_a_document_claims_is_something_to_import(read: Read) -> None:
    (service,) = read('[[services.a.documented]]\nfile = "a.md"\n').services
    assert service.documented == (Documented(file="a.md"),)
    (service,) = read('[[services.a.canonical]]\nsymbol = "a:B"\nunique = true\n').services
    assert service.canonical == (Canonical(symbol=Symbol(module="a", attribute="B"), unique=True),)


def test_what_is_missing_hides_no_other_mistake(refusal: Refusal) -> None:
    text = f"""\
{MINIMAL}
[[services.backend.integrations]]
root = "a b"
exempt = ["a..b"]
"""
    assert refusal(text) == expected("""
        contracts.toml:4: services.backend.integrations[0]: name is missing
        contracts.toml:4: services.backend.integrations[0]: through is missing
        contracts.toml:5: services.backend.integrations[0].root: 'a b' is no dotted name
        contracts.toml:6: services.backend.integrations[0].exempt[0]: 'a..b' is no glob: an empty component
    """)


def test_a_refused_element_does_not_shift_the_others(refusal: Refusal) -> None:
    text = '[services.a]\nentrypoints = [\n  1,\n  "a b",\n]\n'
    assert refusal(text) == expected("""
        contracts.toml:3: services.a.entrypoints[0]: expected a string, got a number (put it in quotes)
        contracts.toml:4: services.a.entrypoints[1]: 'a b' is no module, module:attribute, module:factory() or file.py
    """)


def test_a_bad_root_does_not_blame_the_entrypoints(refusal: Refusal) -> None:
    text = MINIMAL + 'allowed_roots = ["app/"]\n'
    assert refusal(text) == expected("""
        contracts.toml:3: services.backend.allowed_roots[0]: 'app/' is no dotted name (did you mean app?)
    """)


def test_bad_entrypoints_are_not_none(refusal: Refusal) -> None:
    assert refusal('[services.a]\nentrypoints = ["a b"]\n') == expected("""
        contracts.toml:2: services.a.entrypoints[0]: 'a b' is no module, module:attribute, module:factory() or file.py
    """)


def test_undeclared_paths_stay_undeclared(read: Read) -> None:
    assert read(MINIMAL).services[0].runtime.paths is None
    declared = read(MINIMAL + 'runtime.paths = ["."]').services[0].runtime
    assert declared.paths == (".",)
    assert dataclasses.replace(declared, paths=None) == Runtime()


def test_many_mistakes_in_a_huge_file(refusal: Refusal) -> None:
    names = ", ".join(f'"a {index}"' for index in range(3_000))
    services = "".join(f"[services.s{index}]\nx = 1\n" for index in range(300))
    assert len(refusal(f"{services}[services.z]\nentrypoints = [{names}]\n").splitlines()) == 3_300
