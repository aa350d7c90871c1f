"""Why a service that was started for real did not come up."""

from __future__ import annotations

import dataclasses
import re
import signal

from pytest_importcontract.diagnosis.chain import hops, own_line, settled
from pytest_importcontract.diagnosis.explanation import Explanation
from pytest_importcontract.diagnosis.model import Cause, Diagnosis
from pytest_importcontract.diagnosis.scene import Scene
from pytest_importcontract.observe.facts import Failure, Frame, Health, HealthKind, Link

# What known servers mean by an exit status.
_MEANINGS = {
    ("gunicorn", 1): "gunicorn could not start",
    ("gunicorn", 3): "a worker of gunicorn failed to boot",
    ("gunicorn", 4): "gunicorn could not load the application",
    ("uvicorn", 1): "uvicorn could not import the application or listen at its address",
    ("uvicorn", 2): "uvicorn does not understand its command line",
    ("uvicorn", 3): "uvicorn could not start the application",
    ("hypercorn", 1): "hypercorn could not start the application",
    ("hypercorn", 2): "hypercorn does not understand its command line",
    ("celery", 1): "celery could not start",
    ("celery", 2): "celery does not understand its command line or cannot load the application",
}
_OF_SHELLS = {
    126: "a program cannot be executed",
    127: "a program was not found",
}
_AT = re.compile(r"\bat import\b")
_OF_IMPORTS = frozenset({"missing", "no symbol", "does not ship", "distribution", "circular"})
_DEATH = re.compile(r"(exited with code \d+|was sent SIG\w+|'signal \d+ \(SIG\w+\)')")
_FROZEN = re.compile(r"<frozen ([\w.]+)>")  # the file of a module that is part of Python's program
_LONGEST_LINE = 300  # characters
_BODY = 200  # characters of an answer


def named(scene: Scene, failure: Failure) -> Failure:
    """The failure with the names of modules, which a printed traceback does not say."""
    return dataclasses.replace(failure, links=tuple(_link(scene, each) for each in failure.links))


def _link(scene: Scene, link: Link) -> Link:
    members = tuple(tuple(_link(scene, each) for each in member) for member in link.members)
    frames = tuple(_frame(scene, frame) for frame in link.frames)
    return dataclasses.replace(link, frames=frames, members=members)


def _frame(scene: Scene, frame: Frame) -> Frame:
    frozen = _FROZEN.fullmatch(frame.place.file)
    module = frame.module or (frozen[1] if frozen else scene.module_of(frame.place.file))
    return dataclasses.replace(frame, module=module)


def told(scene: Scene, found: Health, diagnosis: Diagnosis) -> Diagnosis:
    """What the exception in its output comes to, with how the command met its end."""
    when = "when it is asked" if found.kind is HealthKind.REFUSED else "when it starts"
    by_import = not diagnosis.hops or diagnosis.cause.key[0] in _OF_IMPORTS
    text = diagnosis.cause.text
    cause = Cause(key=diagnosis.cause.key, text=text if by_import else _AT.sub(when, text))
    return dataclasses.replace(
        diagnosis,
        cause=cause,
        led_to=(*diagnosis.led_to, _outcome(found)),
        rules=(*diagnosis.rules, _rule(scene, found)),
    )


def diagnosis(scene: Scene, found: Health, headline: str, why: Explanation) -> Diagnosis:
    """What is said where its output shows no exception."""
    return Diagnosis(
        service=scene.service.name,
        check="health",
        subject="",
        headline=headline,
        setting=scene.setting,
        error=_outcome(found),
        hops=(*hops(settled(_standing(scene, found)), scene.statement), *why.tail),
        cause=why.cause,
        rules=(_rule(scene, found),),
        fixes=why.fixes,
        notes=why.notes,
    )


def _standing(scene: Scene, found: Health) -> tuple[Frame, ...]:
    return tuple(_frame(scene, frame) for frame in found.standing)


def _rule(scene: Scene, found: Health) -> str:
    wanted = scene.service.health
    key = "command" if wanted is not None and wanted.command else ""
    at = scene.at("health", key) if key else scene.at("health")
    return f"health ({at}): {found.command}"


def _outcome(found: Health) -> str:
    """What happened, in one line."""
    program = found.program or "the command"
    match found.kind:
        case HealthKind.ENDED:
            status = found.status or 0
            if status < 0:
                return f"{program} was ended by {_signal(status)}"
            meaning = _MEANINGS.get((program, status)) or _OF_SHELLS.get(status)
            said = f" ({meaning})" if meaning else ""
            return f"{program} ended with status {status}{said} before it was up"
        case HealthKind.WORKERS_DIE:
            times = "once" if found.deaths == 1 else f"{found.deaths} times"
            return f"{program} runs, but a worker died {times}"
        case HealthKind.REFUSED:
            body = " ".join(found.detail.split())[:_BODY]
            return f"{found.url} answered {found.status}{f': {body}' if body else ''}"
        case HealthKind.CLOSED:
            return f"{found.url}: connection refused for {found.seconds:.0f} s"
        case HealthKind.SILENT:
            return f"{found.url}: no answer in {found.seconds:.0f} s"
        case HealthKind.NOTHING_SAID:
            return f"no line of its output matched ready_log in {found.seconds:.0f} s"
        case HealthKind.PORT_TAKEN:
            return f"{found.detail} is in use by a process that is not the service's"
    return found.detail.partition("\n")[0]


def explain(scene: Scene, found: Health) -> Explanation:
    """Why it is not up, where no exception tells."""
    service = scene.service.name
    own = own_line(_standing(scene, found))
    where = f"{scene.relative(own.place.file)}:{own.place.line}" if own else ""
    place = (own.place.file, str(own.place.line)) if own else (service,)
    timeout = scene.at("health", "timeout")
    longer = f"do that work later, or raise health.timeout ({timeout})"
    match found.kind:
        case HealthKind.NOT_RUN:
            what, _, fix = found.detail.partition("\n")
            return Explanation.of(("health", "run", what), what, fixes=[fix] if fix else [])
        case HealthKind.PORT_TAKEN:
            text = f"something else on this machine listens at {found.detail}"
            fix = "end it, or give a command with {port} and use that in url"
            return Explanation.of(("health", "port", found.detail), text, fixes=[fix])
        case HealthKind.ENDED:
            return _ended(found)
        case HealthKind.WORKERS_DIE:
            ways = _DEATH.findall(found.log)
            text = "its workers die and are started again"
            text += f" ({ways[-1]})" if ways else ""
            fix = "look for os._exit, a crash in compiled code, or too little memory"
            return Explanation.of(("health", "workers", service), text, fixes=[fix])
        case HealthKind.REFUSED:
            return _refused(scene, found)
        case HealthKind.NOTHING_SAID:
            at = scene.at("health", "ready_log")
            if where:
                text = f"{where} does not come to an end"
                return Explanation.of(("health", "hang", *place), text, fixes=[longer])
            text = "it runs, but never printed what ready_log says"
            fix = f"correct ready_log ({at}), or raise health.timeout ({timeout})"
            return Explanation.of(("health", "log", service), text, fixes=[fix])
    if where:
        text = f"{where} does not come to an end, so {service} never answers"
        return Explanation.of(("health", "hang", *place), text, fixes=[longer])
    if found.kind is HealthKind.SILENT:
        text = "it accepts connections and never answers"
        return Explanation.of(("health", "silent", service), text, fixes=[longer])
    return _closed(scene, found, longer)


def _ended(found: Health) -> Explanation:
    line = _line(found, "error", "fatal", "critical", "cannot", "not found", "no such", "usage:")
    line = line or _last(found)
    program = found.program or "the command"
    text = f"{program} says: {line}" if line else f"{program} ended and printed nothing"
    fixes = []
    if found.status == 0:
        text = f"{program} came to its end by itself"
        text += f"; it says: {line}" if line else ""
        fixes = ["run it in the foreground: a container ends with its first process"]
    elif found.status is not None and found.status > 0:
        known = found.program in {name for name, _ in _MEANINGS}
        if not line and not known:
            fixes = ["find out what ends it"]
        elif not line:
            fixes = ["look for os._exit or sys.exit in what startup runs"]
    elif found.status == -signal.SIGKILL:
        fixes = ["see whether it has enough memory"]
    return Explanation.of(("health", "ended", program, str(found.status), line), text, fixes=fixes)


def _refused(scene: Scene, found: Health) -> Explanation:
    status, at = found.status or 0, scene.at("health", "url")
    key = ("health", "answer", found.url, str(status))
    if 300 <= status < 400:
        text = f"the url is redirected {found.detail}, and redirections are not followed"
        return Explanation.of(key, text, fixes=[f"write where it leads to in health.url ({at})"])
    if status == 404:  # noqa: PLR2004, RUF100 (HTTP's own number)
        text = "the service is up and has nothing at this address"
        return Explanation.of(key, text, fixes=[f"correct the path of health.url ({at})"])
    if status < 500:  # noqa: PLR2004, RUF100
        text = f"the service is up and refuses the request with {status}"
        return Explanation.of(key, text, fixes=["let the address answer whoever asks"])
    text = f"the service is up and says that it is not well ({status})"
    return Explanation.of(key, text, fixes=["see its output"])


def _closed(scene: Scene, found: Health, longer: str) -> Explanation:
    key = ("health", "closed", scene.service.name)
    if found.listening:
        at = scene.at("health", "url")
        text = f"it listens at {', '.join(found.listening)}, not where url asks"
        fix = f"let it listen at the port of health.url ({at}); {{port}} gives a free one to both"
        return Explanation.of(key, text, fixes=[fix])
    line = _last(found)
    text = "the port was never opened"
    text += f"; the last that it printed: {line}" if line else "; it printed nothing"
    return Explanation.of(key, text, fixes=[longer])


def _line(found: Health, *signs: str) -> str:
    """The last line of its output that has one of the signs."""
    lines = [line.strip() for line in found.log.splitlines()]
    known = (line for line in reversed(lines) if any(sign in line.casefold() for sign in signs))
    return next(known, "")[:_LONGEST_LINE]


def _last(found: Health) -> str:
    lines = [line.strip() for line in (found.said or found.log).splitlines() if line.strip()]
    return lines[-1][:_LONGEST_LINE] if lines else ""


def _signal(status: int) -> str:
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
