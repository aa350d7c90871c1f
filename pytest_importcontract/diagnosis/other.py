"""Why an import failed that is not about a module or a name that was not there."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pytest_importcontract.diagnosis.chain import own_line
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.missing_symbol import explain_attribute
from pytest_importcontract.diagnosis.model import Hop
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.diagnosis.shipping import absence, named
from pytest_importcontract.observe.facts import Frame, Link

_LIBRARY = re.compile(
    r"\.so\b|\.dylib|undefined symbol|GLIBC|version `|invalid ELF header|DLL load"
)
_LOST_LIBRARY = re.compile(r"(?P<library>[\w.+-]+\.so[\w.]*): cannot open shared object file")
_NO_ATTRIBUTE = re.compile(
    r"(?:partially initialized )?module '(?P<module>[\w.]+)'(?: from '[^']*')? "
    r"has no attribute '(?P<name>\w+)'"
)
_NO_SUBMODULE = re.compile(
    r"cannot access submodule '(?P<name>\w+)' of module '(?P<module>[\w.]+)'"
)


def explain(scene: Scene, link: Link, frames: Sequence[Frame], importer: str) -> Explanation:
    """Why the exception `link` was raised at the end of `frames`, in the module `importer`."""
    if link.syntax is not None:
        return _syntax(scene, link, frames)
    if link.is_a("FileNotFoundError") and link.filename:
        found = _data_file(scene, link.filename)
        if found is not None:
            return found
    by_hand = bool(frames) and scene.statement(frames[-1]).startswith("raise")
    loading = (link.is_a("ImportError") or link.is_a("OSError")) and not by_hand
    if loading and _LIBRARY.search(link.message):
        return _library(scene, link)
    absent = _NO_ATTRIBUTE.match(link.message) or _NO_SUBMODULE.match(link.message)
    if link.is_a("AttributeError") and absent and scene.catalog.exists(absent["module"]):
        return explain_attribute(scene, absent["module"], absent["name"], (), frames, importer)
    return _raised(scene, link, frames)


def _syntax(scene: Scene, link: Link, frames: Sequence[Frame]) -> Explanation:
    fault = link.syntax
    if fault is None or not fault.place.file:
        return _raised(scene, link, frames)
    interpreter = scene.catalog.interpreter
    file, shown = fault.place.file, f"{scene.relative(fault.place.file)}:{fault.place.line}"
    pointer = fault.text.rstrip() or scene.source(fault.place)
    top = scene.module_of(file).partition(".")[0]
    foreign = top if top and not scene.catalog.is_first_party(top) else ""
    text = pointer.strip() or fault.message
    in_text = file.startswith("<")
    tail = [Hop(file=file, line=fault.place.line, text=text, foreign=bool(foreign) or in_text)]
    key: tuple[str, ...] = ("syntax", file)
    if in_text:
        own = own_line(frames)
        key = ("syntax", own.place.file, str(own.place.line)) if own else key
        text = f"{interpreter.label} cannot read the text that is compiled as {shown}"
        text += f": {fault.message}"
        return Explanation.of(key, text, tail=tail)
    newer = interpreter.version[:2] < sys.version_info[:2] and scene.parses_here(file)
    if newer:
        text = f"{shown} is written in a newer Python than {interpreter.label}, which runs "
        text += scene.service.declared_name
        fix = "write it so that the older Python can read it, or run the service on a newer one"
    else:
        text = f"{interpreter.label} cannot read {shown}: {fault.message}"
        fix = f"correct {shown}"
    if foreign:
        fix = f"install a version of {foreign} that is made for {interpreter.label}"
    return Explanation.of(key, text, fixes=[fix], tail=tail)


def _data_file(scene: Scene, filename: str) -> Explanation | None:
    image = scene.shipment.image
    known = image.stage.tree if image is not None else {}
    normal = os.path.normpath(filename)
    if normal in known:
        return _absolute(filename, f"{filename} is in the image")
    path = Path(scene.shipment.to_repository(str(scene.shipment.process.cwd / filename)))
    inside = path.is_relative_to(scene.shipment.root) and not scene.ships(path)
    if inside and os.path.exists(path):  # noqa: PTH110 (a name of any length)
        text, fix = absence(scene, path)
        return Explanation.of(("does not ship", named(scene, path)), text, fixes=[fix])
    folder = PurePosixPath(normal).parent.as_posix()
    if folder in known and not os.path.isdir(folder):  # noqa: PTH112 (a name of any length)
        return _absolute(folder, f"{folder}/ is in the image")
    return None


def _absolute(path: str, where: str) -> Explanation:
    text = (
        f"{where}, but what ships is run from a copy that does not lie at /,"
        " so an absolute path in code does not lead there"
    )
    fixes = ["take the path from a variable that ENV or runtime.env sets, or from __file__"]
    return Explanation.of(("absolute path", path), text, fixes=fixes)


def _library(scene: Scene, link: Link) -> Explanation:
    lost = _LOST_LIBRARY.search(link.message)
    label = f"{scene.catalog.interpreter.label} ({scene.python})"
    if lost:
        library = lost["library"]
        text = f"the system library {library} is not there"
        return Explanation.of(
            ("library", library), text, fixes=[f"install the package that holds {library}"]
        )
    text = f"a compiled module does not fit {label} or the system's libraries"
    fixes = ["install a build made for this interpreter and system"]
    return Explanation.of(("library", link.name or link.message), text, fixes=fixes)


def _raised(scene: Scene, link: Link, frames: Sequence[Frame]) -> Explanation:
    frame = own_line(frames) or (frames[-1] if frames else None)
    name = link.type.rpartition(".")[2]
    if frame is None:
        return Explanation.of(("raised", link.type, link.message), f"{name} was raised")
    shown = f"{scene.relative(frame.place.file)}:{frame.place.line}"
    key = ("raised", link.type, frame.place.file, str(frame.place.line))
    beyond = _beyond_own(frames)
    if not beyond or not beyond[0].module:
        return Explanation.of(key, f"{shown} raises {name} at import")
    return Explanation.of(key, f"{shown} {_use(beyond[0])}, which raises {name} at import")


def _beyond_own(frames: Sequence[Frame]) -> Sequence[Frame]:
    """The steps after the last of the service's own; none where there is no own one."""
    own = [index for index, frame in enumerate(frames) if frame.first_party]
    return frames[own[-1] + 1 :] if own else ()


def _use(frame: Frame) -> str:
    if frame.is_module_level:
        return f"imports {frame.module}"
    inner = frame.function.startswith(("_", "<"))
    return f"calls {frame.module}{'' if inner else f'.{frame.function}()'}"
