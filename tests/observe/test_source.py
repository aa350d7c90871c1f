"""What is read in a file: imports, names, strings, and why a file cannot be read."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_importcontract.observe import source
from pytest_importcontract.observe.source import read_source

LINUX = {"platform": "linux", "os": "posix", "version": [3, 11, 2], "implementation": "cpython"}
FOLDER = Path(source.__file__).parent
CASE = re.compile(
    r"^=== (?P<name>.*?)(?: \((?P<version>3\.\d+)\))?\n(?P<source>.*?)^---\n", re.M | re.S
)


def tricky_sources() -> Mapping[str, tuple[str, str, str]]:
    """By name: the oldest Python that reads it, the source, what is to be found."""
    text = Path(__file__).with_name("tricky_sources.txt").read_text("utf-8")
    starts = list(CASE.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {
        start["name"]: (start["version"] or "3.8", start["source"], text[start.end() : end].strip())
        for start, end in zip(starts, ends, strict=True)
    }


SOURCES = tricky_sources()


def answer(
    text: str | bytes, *, is_package: bool = False, module: str = "pkg.sub.mod"
) -> dict[str, Any]:
    content = text if isinstance(text, bytes) else text.encode()
    return read_source(content, module, is_package, LINUX)


def told(answer: Mapping[str, Any]) -> str:
    """The findings as the corpus writes them."""
    lines = []
    for row in answer["imports"]:
        names = f"({','.join(row['names'])})" if row["names"] else ""
        words = {
            "guard": row["guard"],
            "condition": row["condition"],
            "scope": row["scope"],
            "by": row["by_name"],
            "error": row["error"],
        }
        said = "".join(f" {word}={value}" for word, value in words.items() if value)
        lines.append(f"{row['line']} {row['kind']} {row['imported']}{names}{said}")
    lines += [f"strings {text}@{line} {place}" for text, line, place, _ in answer["strings"]]
    lines += [f"sought {module}@{line}" for module, line in answer["sought"]]
    lines += [f"unknown {row['line']} {row['by_name']}" for row in answer["unknown"]]
    problem = answer["problem"]
    if problem:
        lines.append(f"problem {problem['line']}: {problem['message']}")
    return "\n".join(lines)


def interpreter(version: str) -> Path | None:
    """A CPython of that version: pyenv's, else the one on PATH."""
    found = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    path = shutil.which(f"python{version}")
    return found[-1] if found else Path(path) if path else None


def answers(
    python: Path, requests: Sequence[Mapping[str, Any]], platform: Mapping[str, Any] = LINUX
) -> list[dict[str, Any]]:
    """What the folder run by another interpreter answers."""
    done = subprocess.run(
        [python, "-I", "-S", "-B", FOLDER],
        input="".join(f"{json.dumps(line)}\n" for line in (platform, *requests)).encode(),
        capture_output=True,
        env={},
        check=True,
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


# The corpus


def test_there_are_many_tricky_sources() -> None:
    assert len(SOURCES) >= 80


@pytest.mark.parametrize(
    "name", [name for name, case in SOURCES.items() if case[0] in ("3.8", "3.10")]
)
def test_a_tricky_source(name: str) -> None:
    _, text, expected = SOURCES[name]
    assert told(answer(text)) == expected


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"])
def test_every_interpreter_finds_the_same(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    requests = []
    for number, (_, text, _) in enumerate(SOURCES.values()):
        tmp_path.joinpath(f"{number}.py").write_text(text, "utf-8")
        file = str(tmp_path / f"{number}.py")
        requests.append(
            {"file": file, "module": "pkg.sub.mod", "is_package": False, "compiled": False}
        )
    found = answers(python, requests)
    read = {}
    for (name, (oldest, _, expected)), one in zip(SOURCES.items(), found, strict=True):
        needed = tuple(map(int, oldest.split(".")))
        if tuple(map(int, version.split("."))) >= needed:
            read[name] = told(one), expected
        else:
            assert one["problem"]["message"], name
            assert 1 <= one["problem"]["line"] <= 3, name
    assert {name: pair[0] for name, pair in read.items()} == {n: p[1] for n, p in read.items()}


# The standard library


STANDARD_LIBRARY = sorted(Path(ast.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("share", range(4))
def test_every_import_statement_of_the_standard_library_is_found(share: int) -> None:
    for path in STANDARD_LIBRARY[share::12]:
        content = path.read_bytes()
        found = [row for row in answer(content)["imports"] if not row["by_name"]]
        nodes = list(ast.walk(ast.parse(content)))
        names = [(n.lineno, a.name) for n in nodes if isinstance(n, ast.Import) for a in n.names]
        read = [(r["line"], r["imported"]) for r in found if not r["names"]]
        assert sorted(names) == sorted(read)
        lines = sorted(n.lineno for n in nodes if isinstance(n, ast.ImportFrom))
        assert lines == [r["line"] for r in found if r["names"]]


@pytest.mark.parametrize("share", range(4))
def test_looking_at_few_lines_finds_all_there_is(
    share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [path.read_bytes() for path in STANDARD_LIBRARY[share::12]]
    contents += [case[1].encode() for case in list(SOURCES.values())[share::4]]
    few = [answer(content) for content in contents]
    looked = source.read.interest
    monkeypatch.setattr(
        source.read, "interest", lambda c: looked(c)._replace(text=None, is_exact=False)
    )
    assert few == [answer(content) for content in contents]


# What a text file would not keep


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"x = 1\n\fimport a\n", "2 eager a", id="form feed"),
        pytest.param(b"x = 1\rimport a\r\nimport b", "2 eager a\n3 eager b", id="old line ends"),
        pytest.param(b"\xef\xbb\xbfimport a", "1 eager a", id="byte order mark"),
        pytest.param(b"if 1:\n\timport a", "2 eager a condition=true", id="tab, no line end"),
        pytest.param(b"# coding: latin-1\nimport \xe9\n", "2 eager \xe9", id="latin-1"),
        pytest.param(b"#!x\n# vim: set fileencoding=cp1252 :\nimport a\n", "3 eager a", id="vim"),
        pytest.param(
            "# coding: shift_jis\ns = 'ソ'\ndef f():\n    import a\n".encode("shift_jis"),
            "4 deferred a scope=f",
            id="an encoding with backslashes in letters",
        ),
        pytest.param(
            b"# coding: utf-7\ndef f():\n    +AGkAbQBwAG8AcgB0- a\n",
            "3 deferred a scope=f",
            id="an encoding that hides words",
        ),
        pytest.param(
            b"if x:\n    pass\n" + b"elif x:\n    pass\n" * 150 + b"else:\n    import a\n",
            "304 conditional a condition=unknown",
            id="long chain of elif",
        ),
        pytest.param(b"x = (" + b"+".join([b"1"] * 80) + b")\nimport a\n", "2 eager a", id="sum"),
        pytest.param(b"", "", id="empty"),
        pytest.param(b"x = '\\d', 1 is 1\nimport a\n", "2 eager a", id="warnings"),
    ],
)
def test_contents(content: bytes, expected: str) -> None:
    assert told(answer(content)) == expected


def test_lazy_imports_are_deferred() -> None:
    # The nodes of Python 3.15's parser, which older ones cannot make from text.
    tree = ast.parse("import a\nfrom b import c\nimport d\n")
    for node in tree.body[:2]:
        node.is_lazy = 1  # type: ignore[attr-defined]
    found = source.read.read_tree(tree, source.lines.interest(b""), "pkg.sub.mod", False, LINUX)
    assert told(found) == "1 deferred a\n2 deferred b(c)\n3 eager d"
