"""While a service starts, a terminal says so; nothing of it stays, and no log gets it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from typing import Any

import pytest

FILES = {
    "contracts.toml": """\
        [services.shop]
        entrypoints = ["shop.main"]
    """,
    "shop/__init__.py": "",
    "shop/main.py": "import time\ntime.sleep(2.5)\n",
    "test_own.py": "def test_own():\n    print('no end of line', end='')\n",
}
# Cursor saved, no wrapping, text, rest cleared, wrapping, cursor restored.
SHOWN = re.compile(r"\x1b7\x1b\[\?7l([^\x1b]*)\x1b\[K\x1b\[\?7h\x1b8")
GONE = "\x1b[K"
VERBOSE_START = """\
============================= test session starts ==============================
collecting ... collected 6 items / 4 deselected / 2 selected

contracts.toml::shop::startup[shop.main] """
VERBOSE_END = """\
PASSED                          [ 50%]
test_own.py::test_own PASSED                                             [100%]

import contracts: the processes of services held SO MANY MB at most
======================= 2 passed, 4 deselected in TIME ========================
"""
STYLE = re.compile(r"\x1b\[\d*m")
SECONDS = re.compile(r"in \d+\.\d+s")


def on_terminal(repository: Any, options: Sequence[str], columns: int = 80, **env: str) -> str:
    """All that pytest writes to a terminal so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "pytest", "-p", "importcontract", "-p", "no:cacheprovider"]
    running = subprocess.Popen(
        [*command, "--import-contracts", "--import-contracts-cache=off", *options],
        cwd=repository.folder,
        env={**variables, "TERM": "xterm", **env},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    try:
        while data := os.read(ours, 4096):
            written += data
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(ours)
    assert running.wait() == 0, written.decode()
    return written.decode()


def plain(text: str) -> str:
    text = SECONDS.sub("in TIME", STYLE.sub("", text)).replace("\r\n", "\n")
    text = re.sub(r"\b[1-9]\d+ MB", "SO MANY MB", text)
    # pytest's own line about collecting, which it rewrites as often as it takes time
    return re.sub(r"\rcollecting [^\r]*|(?<=selected) +(?=\n)|\r", "", text)


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        (
            ["-q", "-k", "startup or own"],
            "",
            f"..{'[100%]':>77}\n2 passed, 4 deselected in TIME\n",
        ),
        (
            ["-q", "-s", "-k", "startup or own"],
            "",
            ".no end of line.\n2 passed, 4 deselected in TIME\n",
        ),
        (
            ["-v", "--no-header", "-k", "startup or own"],
            VERBOSE_START,
            VERBOSE_END,
        ),
    ],
    ids=["quiet", "not captured", "verbose"],
)
def test_all_of_the_output(repository: Any, options: list[str], before: str, after: str) -> None:
    repository.write(FILES)
    written = on_terminal(repository, options)
    said = SHOWN.findall(written)
    assert said[:2] == ["starting shop, 1 s", "starting shop, 2 s"]
    first, last = SHOWN.search(written), [*SHOWN.finditer(written)][-1]
    assert first
    assert plain(written[: first.start()]) == before
    assert SHOWN.sub("", written[first.start() : last.end()]) == ""
    assert written[last.end() :].startswith(GONE)
    rest = written[last.end() + len(GONE) :]
    assert plain(rest) == after


@pytest.mark.parametrize(
    ("columns", "expected"),
    [(40, "starting shop, 1 s"), (34, "starting shop, 1 s"), (33, "1 s"), (19, "1 s"), (18, "")],
)
def test_a_narrow_terminal(repository: Any, columns: int, expected: str) -> None:
    """After "contracts.toml ", which takes 15 columns."""
    repository.write(FILES)
    written = on_terminal(repository, ["-k", "startup"], columns=columns)
    assert SHOWN.findall(written)[:1] == ([expected] if expected else [])
    assert ("\x1b[K" in written) is bool(expected)


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (["--color=no"], {}),
        (["-qq"], {}),
        ([], {"NO_COLOR": "1"}),
        ([], {"TERM": "dumb"}),
        (["-p", "xdist", "-n", "1"], {}),
    ],
    ids=str,
)
def test_where_it_is_not_wanted(repository: Any, options: list[str], env: dict[str, str]) -> None:
    repository.write(FILES)
    written = on_terminal(repository, ["-k", "startup", *options], **env)
    assert "starting" not in written
    assert not SHOWN.search(written)


@pytest.mark.parametrize("options", [[], ["--color=yes"]], ids=str)
def test_a_log_gets_nothing(repository: Any, options: list[str]) -> None:
    repository.write(FILES)
    result = repository.pytest("--import-contracts", "-q", "-k", "startup", *options)
    written = "\n".join([*result.outlines, *result.errlines])
    shown = SECONDS.sub("in TIME", STYLE.sub("", written))
    assert shown == (
        ".                                                                        [100%]\n"
        "1 passed, 5 deselected in TIME"
    )


def test_a_quick_start_needs_no_words(repository: Any) -> None:
    repository.write({**FILES, "shop/main.py": ""})
    assert not SHOWN.search(on_terminal(repository, ["-q", "-k", "startup"]))
