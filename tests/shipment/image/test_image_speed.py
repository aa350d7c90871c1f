from __future__ import annotations

import time
from pathlib import Path

from images import read, repository

from pytest_importcontract.shipment.image.context import Context
from pytest_importcontract.shipment.image.ignore import Ignore

DOCKERFILE = """\
FROM python:3.12 AS build
WORKDIR /b
COPY . .
RUN pip install -r requirements.txt
FROM python:3.12-slim
WORKDIR /app
COPY --from=build /b/backend backend
RUN rm -rf backend/app0/core0 && mkdir -p x && touch x/y
"""
IGNORE = (
    ".git\n.venv\ndocs\n**/tests\n**/__pycache__\n**/*.sqlite3\n**/*.pyc\nnode_modules\n*.md\n"
    "!README.md\n.env\n.env.*\n**/.DS_Store\ncoverage\n**/*.log\n.github\ndist\nbuild\n"
)


def test_ten_thousand_files_take_less_than_a_second_or_so(tmp_path: Path) -> None:
    names = [f"backend/app{i % 10}/core{i % 100}/sub/mod{i}.py" for i in range(10_000)]
    root = repository(tmp_path, *names)
    start = time.process_time()
    image = read(root, DOCKERFILE, ignore=IGNORE)
    took = time.process_time() - start
    assert len(image.stage.tree) > 9_900
    assert took < 2  # a third of a second on an idle machine
    start = time.process_time()
    assert image.places(names[1]) == (f"/app/{names[1]}",)
    assert image.absence(names[0]) is not None
    assert image.remedy("backend/app0/core0")
    assert time.process_time() - start < 2


def test_every_step_keeps_its_tree_for_next_to_nothing(tmp_path: Path) -> None:
    root = repository(tmp_path, *(f"a/{i % 50}/{i}.py" for i in range(5_000)))
    runs = "".join(f"RUN touch /a/{i % 50}/new{i}\n" for i in range(300))
    start = time.process_time()
    image = read(root, f"FROM scratch\nCOPY a /a\n{runs}")
    assert time.process_time() - start < 3
    trees = [event.tree for event in image.stage.events if hasattr(event, "tree")]
    assert len(trees) == 300
    assert ["/a/7/new7" in tree for tree in trees].index(True) == 8
    assert "/a/49/new299" not in trees[-1]
    assert "/a/49/new299" in image.stage.tree


def test_folders_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    root = repository(tmp_path, "app/x.py", "other/y.py")
    context = Context(root, Ignore.parse("", ""))
    assert [name for name, _ in context.children("/app")] == ["x.py"]
    (root / "other" / "z.py").touch()
    (root / "app" / "z.py").touch()
    assert [name for name, _ in context.children("/app")] == ["x.py"]
    assert [name for name, _ in context.children("/other")] == ["y.py", "z.py"]
