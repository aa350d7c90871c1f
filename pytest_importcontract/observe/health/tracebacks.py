"""Tracebacks in what a program printed, read into facts.

Source: the format of the ``traceback`` module, with what loggers put before and behind it.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from pytest_importcontract.observe.facts import Failure, Frame, Link, Place, SyntaxFault

_MOST_LINKS = 20
_HEAD = re.compile(r".*Traceback \(most recent call last\):\s*$")
_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+), in (?P<function>.+)$')
_FAULT = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+)$')
_ERROR = re.compile(r"(?P<type>[^\W\d][\w.<>]*)(?:: (?P<message>.*))?$")
_MEMBER = re.compile(r"(?P<to> *(?:\+-)?)\+-{5,} (?:\d+|\.\.\.) -{5,}$")
_GROUP_END = re.compile(r" *\+-{20,}$")
_MARGIN = re.compile(r"^ *[|+] ")
_MOST_STRANGERS = 10
_RELATIONS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
_NO_MODULE = re.compile(r"No module named '(?P<name>[^']+)'")
_NO_NAME = re.compile(
    r"cannot import name '(?P<symbol>[^']+)' from "
    r"(?P<partly>partially initialized module )?'(?P<module>[^']+)'"
    r"(?: \(most likely due to a circular import\))?(?: \((?P<path>[^()]*)\))?"
)
_HINT = re.compile(r"\.? Did you mean:? .*\?$|\. Did you forget to import .*\?$")
_OS_ERROR = re.compile(r"\[Errno \d+\] .*: (?P<file>'[^']*'|\"[^\"]*\")$")
# What servers say of an application that they cannot load, instead of a traceback.
_LOST_MODULE = re.compile(
    r"Error loading ASGI app\. Could not import module \"(?P<module>[^\"]+)\""
)
_LOST_ATTRIBUTE = re.compile(
    r"Error loading ASGI app\. Attribute \"(?P<name>[^\"]+)\" not found in module "
    r"\"(?P<module>[^\"]+)\""
    r"|Failed to find attribute '(?P<name2>[^']+)' in '(?P<module2>[^']+)'"
)

MakeFrame = Callable[[str, int, str], Frame]
MakePath = Callable[[str], str]


# By which a server ends once a worker has said, or printed, why: at times it prints that as well.
_ENDINGS = frozenset({"gunicorn.errors.HaltServer"})


class Tracebacks:
    """Reads them for one service.

    Args:
        frame: makes a frame of a file, a line and a code's name.
        path: the repository's file for a path that the service knows.
        told: a message with the names of files that people know.
    """

    def __init__(self, frame: MakeFrame, path: MakePath, told: MakePath) -> None:
        self._frame = frame
        self._path = path
        self._told = told

    def failure(self, text: str) -> Failure | None:
        """The exception behind what was printed; None where it shows none.

        Several processes may print the same, and their lines may mix: the one that is there most
        often counts, of equals the last.
        """
        found = [
            links
            for links in self._chains(text.splitlines())
            if any(link.type not in _ENDINGS for link in links)
        ]
        found = found or [(link,) for link in self._said_by_servers(text)]
        if not found:
            return None
        counts = Counter(map(_key, found))
        most = max(counts.values())
        links = next(links for links in reversed(found) if counts[_key(links)] == most)
        return Failure(stage="serve", links=links)

    def _said_by_servers(self, text: str) -> Iterator[Link]:
        for line in text.splitlines():
            if lost := _LOST_MODULE.search(line):
                message = f"No module named {lost['module']!r}"
                yield self._link("ModuleNotFoundError", message, ())
            elif lost := _LOST_ATTRIBUTE.search(line):
                module, name = lost["module"] or lost["module2"], lost["name"] or lost["name2"]
                message = f"module {module!r} has no attribute {name!r}"
                yield self._link("AttributeError", message, ())

    def _chains(self, lines: Sequence[str]) -> Iterator[tuple[Link, ...]]:
        """Every exception with what led to it, outermost first."""
        inner: tuple[Link, ...] = ()
        relation = ""
        at = 0
        while at < len(lines):
            if not _HEAD.match(lines[at]):
                at += 1
                continue
            link, at = self._one(lines, at)
            if link is None:
                continue
            if inner and relation:
                deeper = dataclasses.replace(inner[0], relation=relation)
                inner = (link, deeper, *inner[1:])[:_MOST_LINKS]
            else:
                if inner:
                    yield inner
                inner = (link,)
            relation, at = _following(lines, at)
            if not relation:
                yield inner
                inner = ()
        if inner:
            yield inner

    def _one(self, lines: Sequence[str], at: int) -> tuple[Link | None, int]:
        """The exception whose traceback begins at a line, and the line behind it."""
        head = _HEAD.match(lines[at])
        grouped = head is not None and "Exception Group" in lines[at]
        frames: list[Frame] = []
        fault: tuple[str, int, list[str]] | None = None
        strangers = 0  # lines that another process or thread printed in between
        at += 1
        while at < len(lines) and strangers < _MOST_STRANGERS:
            line = _MARGIN.sub("", lines[at]) if grouped else lines[at]
            at += 1
            if match := _FRAME.match(line):
                frames.append(self._frame(match["file"], int(match["line"]), match["function"]))
            elif match := _FAULT.match(line):
                fault = match["file"], int(match["line"]), []
            elif line.startswith("  "):
                if fault is not None:
                    fault[2].append(line.strip())
            elif (match := _ERROR.match(line)) and _is_exception(match["type"]):
                message = [match["message"] or ""]
                while not grouped and at < len(lines) and lines[at].startswith(("  ", "\t")):
                    message.append(lines[at])
                    at += 1
                link = self._link(match["type"], "\n".join(message), tuple(frames), fault)
                if not grouped:
                    return link, at
                members, at = self._members(lines, at)
                return dataclasses.replace(link, members=members), at
            else:
                strangers += 1
        return None, at

    def _members(self, lines: Sequence[str], at: int) -> tuple[tuple[tuple[Link, ...], ...], int]:
        """The members of an exception group, whose boxes are drawn from a line on."""
        boxes: list[list[str]] = []
        edge = -1  # the column of their left side
        while at < len(lines):
            line = lines[at]
            if match := _MEMBER.match(line):
                edge = len(match["to"]) if edge < 0 else edge
                if len(match["to"]) == edge:
                    boxes.append([])
                else:
                    boxes[-1].append(line[edge + 2 :])
            elif boxes and line[: edge + 1].strip() in ("", "|") and line.strip():
                boxes[-1].append(line[edge + 2 :])
            else:
                at += bool(_GROUP_END.match(line))
                break
            at += 1
        members = []
        for box in boxes:
            chains = list(self._chains(box))
            if chains:
                members.append(chains[-1])
            elif said := next((m for line in box if (m := _ERROR.match(line))), None):
                members.append((self._link(said["type"], said["message"] or "", ()),))
        return tuple(members), at

    def _link(
        self,
        name: str,
        message: str,
        frames: tuple[Frame, ...],
        fault: tuple[str, int, list[str]] | None = None,
    ) -> Link:
        bases = _bases(name)
        message = _HINT.sub("", message) if "\n" not in message else message
        link = Link(type=name, bases=bases, message=self._told(message), frames=frames)
        if lost := _NO_MODULE.match(message):
            return dataclasses.replace(link, name=lost["name"])
        if lost := _NO_NAME.match(message):
            return dataclasses.replace(
                link,
                name=lost["module"],
                name_from=lost["symbol"],
                path=self._path((lost["path"] or "").replace("unknown location", "")),
                initializing=bool(lost["partly"]),
            )
        if name == "KeyError":
            return dataclasses.replace(link, key=_string(message))
        if failed := _OS_ERROR.match(message):
            return dataclasses.replace(link, filename=self._path(_string(failed["file"])))
        if fault is not None and "SyntaxError" in bases:
            file, line, shown = fault
            place = self._frame(file, line, "<module>").place
            text = shown[0] if shown else ""
            said = SyntaxFault(place=place, column=0, text=text, message=message)
            return dataclasses.replace(link, syntax=said)
        return link


def standing(text: str, frame: MakeFrame) -> tuple[Frame, ...]:
    """Where processes stood, from what faulthandler wrote of them, outermost first.

    Of several, the one that stood in the service's own code.
    """
    found: list[list[Frame]] = []
    for line in text.splitlines():
        if line.startswith(("Current thread", "Stack (")):
            found.append([])
        elif found and (match := re.fullmatch(r'  File "(.*)", line (\d+) in (.*)', line)):
            found[-1].append(frame(match[1], int(match[2]), match[3]))
    own = [frames for frames in found if any(each.first_party for each in frames)]
    return tuple(reversed(own[-1])) if own else ()


def _key(links: Sequence[Link]) -> tuple[str, str, Place | None]:
    frames = links[0].frames
    return links[0].type, links[0].message, frames[-1].place if frames else None


def _is_exception(name: str) -> bool:
    """Whether Python prints an exception by that name: with its module, unless it is built in."""
    return "." in name or isinstance(getattr(builtins, name, None), type)


def _following(lines: Sequence[str], at: int) -> tuple[str, int]:
    """How the exception above a line leads to the next traceback, and where to look for that."""
    for place in range(at, min(at + 3, len(lines))):
        said = lines[place].strip(" |+")
        if said in _RELATIONS:
            return _RELATIONS[said], place + 1
        if said:
            break
    return "", at


def _string(text: str) -> str:
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def _bases(name: str) -> tuple[str, ...]:
    """The names of its built-in bases; of a class that is not built in, what all have."""
    found = getattr(builtins, name, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return tuple(base.__name__ for base in found.__mro__[:-1])
    return ("Exception", "BaseException")
