"""The ``.dist-info`` folder of a project that nobody built."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement

from pytest_importcontract.shipment.project.manifest import Manifest, pairs, table, texts


def dist_info(manifest: Manifest) -> dict[str, bytes]:
    """METADATA and entry_points.txt, by their path in site-packages; none without a name.

    A version that only a build could tell reads as 0.0.0.

    Source: https://packaging.python.org/en/latest/specifications/core-metadata/
    """
    name = " ".join(manifest.name.split())
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", name):
        return {}
    version = re.sub(r"[^\w.+!-]", "", manifest.version) or "0.0.0"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    project = table(manifest.pyproject, "project")
    lines += [f"Requires-Dist: {text}" for text in _requirements(project.get("dependencies"))]
    for extra, listed in table(project, "optional-dependencies").items():
        lines.append(f"Provides-Extra: {' '.join(str(extra).split())}")
        lines += [f"Requires-Dist: {text}" for text in _requirements(listed, str(extra))]
    folder = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info"
    files = {f"{folder}/METADATA": "\n".join([*lines, ""]).encode("utf-8", "replace")}
    entry_points = _entry_points(manifest)
    if entry_points:
        files[f"{folder}/entry_points.txt"] = entry_points.encode("utf-8", "replace")
    return files


def _requirements(value: object, extra: str = "") -> list[str]:
    found = []
    for text in texts(value) if isinstance(value, list) else ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        written = str(requirement)
        if extra:
            marker = f"({requirement.marker}) and " if requirement.marker else ""
            bare = written.partition(";")[0].rstrip() if requirement.marker else written
            space = " " if requirement.url else ""
            written = f'{bare}{space}; {marker}extra == "{extra}"'
        found.append(written)
    return found


def _entry_points(manifest: Manifest) -> str:
    project = table(manifest.pyproject, "project")
    poetry = table(manifest.pyproject, "tool", "poetry")
    flit = table(manifest.pyproject, "tool", "flit")
    groups = {
        "console_scripts": [*pairs(project.get("scripts")), *pairs(poetry.get("scripts"))],
        "gui_scripts": list(pairs(project.get("gui-scripts"))),
    }
    groups["console_scripts"] += pairs(flit.get("scripts"))
    for plugins in (project.get("entry-points"), poetry.get("plugins"), flit.get("entrypoints")):
        for group, listed in (plugins if isinstance(plugins, dict) else {}).items():
            groups.setdefault(str(group), []).extend(pairs(listed))
    text = ""
    for group, listed in groups.items():
        rows = [f"{name} = {value}" for name, value in listed if "\n" not in name + value]
        if rows and "\n" not in group and "]" not in group:
            text += "\n".join([f"[{group}]", *rows, "", ""])
    if manifest.setup_cfg.has_section("options.entry_points"):
        for group, value in manifest.setup_cfg.items("options.entry_points"):
            text += "\n".join([f"[{group}]", *value.strip().splitlines(), "", ""])
    return text
