"""A file as an entrypoint runs as production runs it, up to what only the main module does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from workbench import Workbench, outermost, run_by, verdict

from pytest_importcontract.observe.facts import ImportKind, Place

PYTHON = Path(sys.executable)
MAIN = "if __name__ == '__main__':\n    "


def test_a_script_is_not_run_as_main(bench: Workbench) -> None:
    bench.write("run.py", "import __main__; print(__name__, __main__.__file__)")
    assert bench.start("run.py").stdout == f"__mp_main__ {bench.root}/run.py\n"


def test_its_names_are_those_of_a_main_module(bench: Workbench, python: Path) -> None:
    bench.write(
        "run.py",
        """\
        other = ("__name__", "__loader__", "__file__")
        names = {n: v for n, v in globals().items() if n not in other}
        print(sorted((n, str(v)[:9]) for n, v in names.items()), __annotations__, __cached__)
        print(type(__loader__).__name__, __loader__.get_filename() == __file__)
        print(__loader__.get_source(__name__)[:7], __spec__, __package__, __doc__)
        """,
    )
    ours = verdict(bench.start("run.py", run_by(python)))
    assert ours == bench.plain(python, bench.root / "run.py")


def test_what_is_imported_only_as_main_is_imported(bench: Workbench) -> None:
    source = """\
    x = 1
    if __name__ == "__main__":
        '''What it does.'''
        MODE = "server"
        pass
        import gone
    """
    bench.write("run.py", source)
    failed = bench.start("run.py")
    link = outermost(failed)
    assert (link.type, link.name) == ("ModuleNotFoundError", "gone")
    assert [frame.place for frame in link.frames] == [Place(f"{bench.root}/run.py", 6)]
    (found,) = (e for e in failed.edges if e.imported == "gone")
    assert (found.place.line, found.kind) == (6, ImportKind.EAGER)
    assert not bench.plain(PYTHON, "run.py")[0]


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("if '__main__' == __name__:\n    import a", "a\n"),
        (f"{MAIN}from a import A\n    A()\n    import b", "a\n"),
        (f"{MAIN}import a; import b", "a\nb\n"),
        (f"{MAIN}A = a = 1\n    import a", "a\n"),
        (f"{MAIN}A = int()\n    import a", ""),
        (f"{MAIN}x.y = 1\n    import a", ""),
        (f"{MAIN}if True:\n        import a", ""),
        (f"{MAIN}try:\n        import a\n    finally: pass", ""),
        (f"{MAIN}import a\n{MAIN}import b", "a\nb\n"),
        (f"{MAIN}print\n    import a\n{MAIN}import b", ""),
        (f"{MAIN}import a\nelse:\n    import b", "b\na\n"),
        ("if __name__ != '__main__':\n    import a", "a\n"),
        ("if __name__ == '__main__' == x:\n    import a", ""),
        ("if __name__ == 'other':\n    import a", ""),
        ("if name == '__main__':\n    import a", ""),
        ("def f():\n    if __name__ == '__main__':\n        import a", ""),
        ("print('body')\nif __name__ == '__main__':\n    import a\nprint('end')", "body\nend\na\n"),
    ],
)
def test_how_far_it_goes(bench: Workbench, python: Path, source: str, printed: str) -> None:
    bench.write("a.py", "def A(): raise SystemError\nprint('a')")
    bench.write("b.py", "print('b')")
    bench.write("run.py", f"name = x = ''\n{source}\n")
    assert verdict(bench.start("run.py", run_by(python))) == (True, printed)


def test_other_modules_are_not_run_as_main(bench: Workbench) -> None:
    bench.write("app.py", "if __name__ == '__main__':\n    import gone")
    assert bench.start("app").outcome.ok


@pytest.mark.parametrize(
    "source",
    [
        "# -*- coding: latin-1 -*-\nx = '\xe9'\n".encode("latin-1"),
        b"x = 1\0\n",
        b"\xef\xbb\xbfx = 1",
    ],
)
def test_bytes_that_are_or_are_no_source(bench: Workbench, source: bytes) -> None:
    (bench.root / "run.py").write_bytes(source)
    assert verdict(bench.start("run.py")) == bench.plain(PYTHON, "run.py")


@pytest.mark.parametrize("variable", ["PYTHONSAFEPATH", "PYTHONPATH"])
@pytest.mark.parametrize("value", ["", "1", ":", "lib:"])
def test_pythons_variables_about_the_path(
    bench: Workbench, python: Path, variable: str, value: str
) -> None:
    bench.write("helper.py")
    for place in ("run.py", "scripts/run.py"):
        bench.write(place, "import helper")
        ours = verdict(bench.start(place, run_by(python), f'runtime.env.{variable} = "{value}"'))
        assert ours == bench.plain(python, place, env={variable: value})
