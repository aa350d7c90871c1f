"""Little repositories whose services are put into images, and all that is said about them."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PYTHON = f"python:{sys.version_info[0]}.{sys.version_info[1]}-slim"
CONTRACT = """\
[services.api]
ships = { dockerfile = "Dockerfile" }
runtime = { python = ".venv/bin/python" }
"""
# What a developer's environment has: by distribution what it needs, and its modules.
DISTRIBUTIONS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "uvicorn": (["h11"], ["uvicorn/__init__.py"]),
    "h11": ([], ["h11/__init__.py"]),
    "PyYAML": ([], ["yaml/__init__.py"]),
    "factory-boy": (["Faker"], ["factory/__init__.py"]),
    "Faker": ([], ["faker/__init__.py"]),
    "google-cloud-storage": ([], ["google/cloud/storage/__init__.py"]),
    "google-cloud-pubsub": ([], ["google/cloud/pubsub/__init__.py"]),
}
_HEADER = re.compile(r"import contracts: contracts\.toml \(.*\)")
_COUNTS = re.compile(r"=+ (?P<counts>.*) in [\d.]+s.* =+")


def fill(venv: Path) -> None:
    """Install the distributions as an installer would leave them."""
    site = next(venv.glob("lib/python3.*/site-packages"))
    for name, (requires, modules) in DISTRIBUTIONS.items():
        info = f"{name.replace('-', '_').lower()}-1.dist-info"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1"]
        lines += [f"Requires-Dist: {text}" for text in requires]
        texts = {f"{info}/METADATA": "\n".join([*lines, ""]), **dict.fromkeys(modules, "")}
        texts[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*texts, f"{info}/RECORD"])
        for file, text in texts.items():
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).write_text(text, "utf-8")


class ImageRepository:
    """A repository with a Dockerfile, and the environment that its developers have."""

    def __init__(self, repository: Any, developer: Path) -> None:
        self._repository = repository
        shutil.copytree(developer, repository.folder / ".venv", symlinks=True)

    def write(self, files: Mapping[str, str]) -> None:
        """Files by path; ``PYTHON`` in a Dockerfile is an image of the Python that runs here."""
        self._repository.write(
            {
                "contracts.toml": CONTRACT,
                **{
                    name: text.replace("FROM PYTHON", f"FROM {PYTHON}")
                    for name, text in files.items()
                },
            }
        )

    def fails(self, files: Mapping[str, str], *arguments: str) -> str:
        """As `told`, of what the image starts and of what it declares."""
        return self.told(files, "-k", "startup or declared", *arguments)

    def told(self, files: Mapping[str, str], *arguments: str) -> str:
        """All that a run says about them: the header's notes, the failures, the counts."""
        self.write(files)
        result = self._repository.pytest("--import-contracts", "-r", "N", *arguments)
        if result.errlines:
            return "\n".join(result.errlines).strip() + "\n"
        lines = list(result.outlines)
        start = next(i for i, line in enumerate(lines) if _HEADER.fullmatch(line)) + 1
        end = next(i for i, line in enumerate(lines) if line.startswith("rootdir: "))
        said = lines[start:end]
        bars = (i for i, line in enumerate(lines) if line.startswith("===") and i > end)
        for line in lines[next(bars) :]:
            counts = _COUNTS.fullmatch(line)
            said.append(counts["counts"] if counts else line)
        return "\n".join(said).replace(PYTHON, "PYTHON") + "\n"
