"""What source asks for whenever it runs, and what only looks as if it did."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from pytest_importcontract.observe.needed import asked, needed

ALWAYS = """\
    import os as system
    from os import environ as E, getenv
    from decouple import config as setting
    import environs

    env = environs.Env()
    A = system.environ["A"]
    class Settings(base(E["B"])):
        C = dict(x=[f"{E['C']}"])
        with open(E["D"]) as file:
            E["E"] and E["no"]
    def function(default=E["F"]):
        return E["no"]
    if E["G"]:
        E["no"]
    else:
        E["no"]
    try:
        E["H"]
    finally:
        E["I"]
    try:
        E["no"]
    except KeyError:
        E["no"]
    else:
        E["no"]
    with contextlib.suppress(KeyError):
        E["no"]
    J = E["no"] if E["K"] else E["no"]
    L = lambda: E["no"]
    M = [E["no"] for each in E]
    for each in E:
        E["no"]
    E.get("no"), E["set"], E.pop("no"), getenv("no"), E[variable], other["no"], {}["no"]
    N = setting("N"), setting("O", cast=int), setting("no", default=1), setting("no", 1)
    P = env("P"), env.str("Q"), env.int("no", 1), env.bool("no", default=False), env.read_env()
    config("no"), other.str("no")
    del E["no"]
    E["set"] = "1"
    E.setdefault("no", "1")
    """


def test_only_what_runs_whenever_the_module_does_is_needed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text(dedent(ALWAYS))
    other.write_text('import os\n\nos.environ["R"], os.environ["A"]\n')
    found = needed([one, other])
    assert sorted(found) == [*"ABCDEFGHIKNOPQR"]
    assert (found["A"].file, found["A"].line) == (str(one), 7)
    assert (found["R"].file, found["R"].line) == (str(other), 3)
    assert asked(one) >= {"A", "no", "N", "Q"}


@pytest.mark.parametrize(
    "other",
    [
        "import os\nos.environ.update(settings)\n",
        "import os\nos.environ |= settings\n",
        "import os\nos.environ[name] = value\n",
        "from dotenv import load_dotenv\nload_dotenv('config/production')\n",
        "from dotenv import load_dotenv\nload_dotenv()\n",
        "from decouple import config\n",
        "import os\nos.environ['A'] = '1'\n",
    ],
)
def test_what_may_be_set_by_the_service_itself_is_not_known(tmp_path: Path, other: str) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / "one.py").write_text("import os\nos.environ['A']\n")
    (tmp_path / "other.py").write_text(other)
    assert needed([tmp_path / "one.py"]) != {}
    assert needed([tmp_path / "one.py", tmp_path / "other.py"]) == {}


def test_without_a_file_of_variables_who_reads_such_files_sets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app" / "one.py"
    path.parent.mkdir()
    path.write_text("import os, dotenv\ndotenv.load_dotenv()\nos.environ['A']\n")
    assert list(needed([path])) == ["A"]
    path.write_text("os.environ['A'] = \n")
    assert needed([path, tmp_path / "gone.py"]) == {}
