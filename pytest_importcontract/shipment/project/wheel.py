"""Reading a wheel: what an installer takes out of it, and where it puts that."""

from __future__ import annotations

import configparser
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path


class WheelError(Exception):
    """The file is no wheel that could be installed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel's content, as installers spread it.

    Attributes:
        name: the distribution's name.
        version: its version.
        files: what goes into site-packages, by the path relative to it.
        data: what goes elsewhere, by the path relative to the environment's prefix.

    Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """

    name: str
    version: str
    files: Mapping[str, bytes]
    data: Mapping[str, bytes]

    @property
    def scripts(self) -> dict[str, str]:
        """Console and GUI scripts by name, each with its ``module:attribute``."""
        for path, content in self.files.items():
            if path.endswith(".dist-info/entry_points.txt"):
                return scripts(content.decode("utf-8", "replace"))
        return {}


def read_wheel(path: Path) -> Wheel:
    """The content of the wheel at `path`.

    Raises:
        WheelError: it is damaged, or would write outside of the environment.
        OSError: it cannot be read.
    """
    files: dict[str, bytes] = {}
    data: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                name = posixpath.normpath(entry.filename)
                if name.startswith(("/", "../")) or name == "..":
                    raise WheelError(f"{entry.filename} leads out of site-packages")
                _place(name, archive.read(entry), files, data)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise WheelError(str(error)) from None
    for name, content in files.items():
        if name.endswith(".dist-info/METADATA"):
            metadata = message_from_bytes(content)
            return Wheel(
                name=str(metadata.get("Name", "")),
                version=str(metadata.get("Version", "")),
                files=files,
                data=data,
            )
    raise WheelError("it has no METADATA")


def _place(name: str, content: bytes, files: dict[str, bytes], data: dict[str, bytes]) -> None:
    first, _, rest = name.partition("/")
    if not first.endswith(".data") or not rest:
        files[name] = content
        return
    scheme, _, rest = rest.partition("/")
    if scheme in ("purelib", "platlib"):
        files[rest] = content
    elif scheme == "scripts":
        data[f"bin/{rest}"] = content
    elif scheme == "data":
        data[rest] = content


def scripts(entry_points: str) -> dict[str, str]:
    """Console and GUI scripts of an ``entry_points.txt``; none where it cannot be read.

    Source: https://packaging.python.org/en/latest/specifications/entry-points/
    """
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(entry_points)
    except configparser.Error:
        return {}
    return {
        name: value.partition("[")[0].strip()
        for group in ("console_scripts", "gui_scripts")
        if parser.has_section(group)
        for name, value in parser.items(group)
        if value
    }
