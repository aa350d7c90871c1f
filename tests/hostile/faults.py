"""Runs of pytest over a small service while something goes wrong around it.

What must hold in every one: pytest ends, no traceback shows our code, no process and no temporary
folder is left, and the verdicts are the undisturbed ones, or the run says why there are none.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ground import end_leftovers

FILES = {
    "contracts.toml": """\
[services.shop]
entrypoints = ["shop.main"]
modules = ["shop.**"]
allowed_roots = ["shop"]
ships.files = ["shop/**"]
runtime.env.FAULT_MARK = "{mark}"
""",
    "shop/__init__.py": "",
    "shop/main.py": "import json\nfrom shop import fine\n\n\ndef later():\n    import shop.late\n",
    "shop/fine.py": "import time\n\ntime.sleep(0.05)\n",
    "shop/late.py": "VALUE = 1\n",
    "shop/broken.py": "import nowhere\n",
    "shop/raising.py": "raise ValueError('closed')\n",
}
VERDICTS = "..F...F.."
MAY_TAKE = 120
_OURS = re.compile(r'File "[^"]*pytest_importcontract/|INTERNALERROR|Exception in thread')
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_CLONE_NEWNS = 0x00020000


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A repository and the folders around it, one set for each run."""

    base: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        for name, text in FILES.items():
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{mark}", self.mark), "utf-8")
        for folder in (self.temporary, self.cache, self.home):
            folder.mkdir()

    @property
    def repository(self) -> Path:
        return self.base / "repo"

    @property
    def temporary(self) -> Path:
        return self.base / "tmp"

    @property
    def cache(self) -> Path:
        return self.base / "cache"

    @property
    def home(self) -> Path:
        return self.base / "home"

    def start(self, before: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
        """Start pytest; `before` is called in its process."""

        def prepare() -> None:
            # A shell's background job ignores the signal, and so would all that it starts.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if before is not None:
                before()

        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "--import-contracts-jobs=2", "-q"),
                *("--import-contracts", "-p", "no:cacheprovider", "-p", "no:xdist"),
            ],
            cwd=self.repository,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(self.home),
                "TMPDIR": str(self.temporary),
                "XDG_CACHE_HOME": str(self.cache),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=prepare,
        )
        threading.Thread(target=self._read, args=(process,), daemon=True).start()
        return process

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Keep what it prints, also where it may write to no file."""
        if process.stdout is None:
            return
        with process.stdout, (self.base / f"output{process.pid}").open("wb", buffering=0) as kept:
            while data := os.read(process.stdout.fileno(), 1 << 16):
                kept.write(data)

    def output(self) -> str:
        """What all runs have printed."""
        return "".join(
            path.read_text("utf-8", "replace") for path in sorted(self.base.glob("output*"))
        )

    def faults(self, process: subprocess.Popen[bytes]) -> Iterator[str]:
        """What did not hold, once the run has ended."""
        try:
            process.wait(MAY_TAKE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            yield "the run did not end"
        for left in end_leftovers((self.mark, str(self.base))):
            yield f"left running: {left}"
        time.sleep(0.1)  # until the last of it has been read
        if shown := _OURS.search(text := self.output()):
            yield f"shows our code: {text[max(0, shown.start() - 2000) : shown.end() + 1500]}"
        if self.temporary.is_dir() and (left_over := sorted(os.listdir(self.temporary))):
            yield f"left in the temporary folder: {', '.join(left_over)}"

    def undisturbed(self, process: subprocess.Popen[bytes]) -> Iterator[str]:
        """As `faults`, and the verdicts must be those of a run in peace."""
        yield from self.faults(process)
        if process.returncode != 1 or VERDICTS not in self.output():
            yield f"other verdicts ({process.returncode}): {self.output()[-3000:]}"

    def excused(self, process: subprocess.Popen[bytes]) -> Iterator[str]:
        """As `faults`; there are verdicts for what could be tried, and words for the rest."""
        yield from self.faults(process)
        text = self.output()
        if VERDICTS not in text and not re.search(
            r"could not be tried|contracts.toml:\d+: |OSError|No space|too large|Too many", text
        ):
            yield f"no verdict and no word ({process.returncode}): {text[-3000:]}"


def without_override() -> None:
    """Let modes of files count for root, too."""
    prctl = ctypes.CDLL(None).prctl
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def limited(kind: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (most, most))


@contextlib.contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Nothing below the folder may be written to."""
    modes = {path: path.lstat().st_mode & 0o7777 for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        if not path.is_symlink():
            path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            if path.exists() and not path.is_symlink():
                path.chmod(mode)


def in_peace(scene: Scene, _: random.Random) -> Iterator[str]:
    yield from scene.undisturbed(scene.start())


def few_descriptors(scene: Scene, _: random.Random) -> Iterator[str]:
    yield from scene.undisturbed(scene.start(limited(resource.RLIMIT_NOFILE, 64)))


def hardly_any_descriptors(scene: Scene, chance: random.Random) -> Iterator[str]:
    number = chance.randrange(8, 40)
    yield from scene.excused(scene.start(limited(resource.RLIMIT_NOFILE, number)))


def files_cannot_grow(scene: Scene, chance: random.Random) -> Iterator[str]:
    most = chance.choice([0, 1, 100, 4096, 20_000])
    yield from scene.excused(scene.start(limited(resource.RLIMIT_FSIZE, most)))


def disk_full(scene: Scene, chance: random.Random) -> Iterator[str]:
    """The temporary folder and the cache lie on a file system of a few pages."""
    pages = chance.choice([1, 2, 4, 8, 16, 32, 64])
    small = scene.base / "small"
    small.mkdir()
    options = ["-o", f"size={pages * 4}k"]
    subprocess.run(["mount", "-t", "tmpfs", *options, "none", small], check=True)
    try:
        for folder in (scene.temporary, scene.cache):
            folder.rmdir()
            (small / folder.name).mkdir()
            folder.symlink_to(small / folder.name)
        yield from scene.excused(scene.start())
    finally:
        subprocess.run(["umount", small], check=True)
        for folder in (scene.temporary, scene.cache):
            folder.unlink()


def read_only_repository(scene: Scene, _: random.Random) -> Iterator[str]:
    with closed(scene.repository):
        yield from scene.undisturbed(scene.start(without_override))


def read_only_cache(scene: Scene, _: random.Random) -> Iterator[str]:
    with closed(scene.cache):
        yield from scene.undisturbed(scene.start(without_override))


def read_only_full_cache(scene: Scene, _: random.Random) -> Iterator[str]:
    yield from scene.undisturbed(scene.start())
    scene.repository.joinpath("shop", "late.py").write_text("VALUE = 2\n", "utf-8")
    with closed(scene.cache):
        yield from scene.excused(scene.start(without_override))


def read_only_everything(scene: Scene, _: random.Random) -> Iterator[str]:
    with closed(scene.repository), closed(scene.temporary), closed(scene.cache):
        yield from scene.excused(scene.start(without_override))


def no_temporary_folder(scene: Scene, _: random.Random) -> Iterator[str]:
    """Neither TMPDIR nor one of the usual places can be written to; the working folder can."""
    scene.temporary.rmdir()
    keep = Path("/tmp"), Path("/var/tmp"), Path("/usr/tmp")
    libc = ctypes.CDLL(None)

    def hide() -> None:
        libc.unshare(_CLONE_NEWNS)
        libc.mount(b"none", b"/", None, 0x44000, None)  # private, with all below it
        for place in keep:
            if place.is_dir() and not scene.base.is_relative_to(place):
                libc.mount(b"none", bytes(place), b"tmpfs", 1, b"size=4k")  # read-only

    yield from scene.undisturbed(scene.start(hide))


def damaged_cache(scene: Scene, chance: random.Random) -> Iterator[str]:
    yield from scene.undisturbed(scene.start())
    for path in sorted(scene.cache.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name != "lock":
            if "tree" in path.parts and path.suffix == ".py":
                continue
            data = bytearray(path.read_bytes())
            if not data:
                continue
            for _ in range(3):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data) + 1)])])
    yield from scene.undisturbed(scene.start())


def two_at_once(scene: Scene, _: random.Random) -> Iterator[str]:
    runs = [scene.start() for _ in range(2)]
    for run in runs:
        run.wait(MAY_TAKE)
    yield from scene.faults(runs[0])
    if scene.output().count(VERDICTS) != 2 or [run.returncode for run in runs] != [1, 1]:
        yield f"other verdicts: {scene.output()[-3000:]}"


def interrupted(scene: Scene, chance: random.Random) -> Iterator[str]:
    """Ctrl-C, once pytest has taken over, at any moment, sometimes twice."""
    process = scene.start()
    time.sleep(chance.uniform(0.2, 2.5))
    for _ in range(chance.choice([1, 1, 2])):
        process.send_signal(signal.SIGINT)
        time.sleep(chance.uniform(0, 0.2))
    yield from scene.faults(process)


def killed(scene: Scene, chance: random.Random) -> Iterator[str]:
    process = scene.start()
    time.sleep(chance.uniform(0.2, 2.5))
    process.kill()
    process.wait()
    time.sleep(1)  # what it had started sees to itself
    yield from scene.faults(process)


Fault = Callable[[Scene, random.Random], Iterator[str]]
FAULTS: Mapping[str, tuple[Fault, str]] = {
    "in_peace": (in_peace, "nothing goes wrong"),
    "few_descriptors": (few_descriptors, "64 open files at most"),
    "hardly_any_descriptors": (hardly_any_descriptors, "8 to 39 open files at most"),
    "files_cannot_grow": (files_cannot_grow, "no file may grow beyond 0 to 20,000 bytes"),
    "disk_full": (disk_full, "temporary folder and cache on a disk of 4 to 256 KB"),
    "read_only_repository": (read_only_repository, "the repository is read-only"),
    "read_only_cache": (read_only_cache, "the cache is empty and read-only"),
    "read_only_full_cache": (read_only_full_cache, "the cache is of an older run and read-only"),
    "read_only_everything": (read_only_everything, "repository, cache and TMPDIR are read-only"),
    "no_temporary_folder": (no_temporary_folder, "no TMPDIR, /tmp or /var/tmp to write to"),
    "damaged_cache": (damaged_cache, "bits flipped and files cut in the cache"),
    "two_at_once": (two_at_once, "two runs at once, with one cache"),
    "interrupted": (interrupted, "Ctrl-C at a random moment, once or twice"),
    "killed": (killed, "pytest is killed at a random moment"),
}
NEED_ROOT = frozenset({"disk_full", "no_temporary_folder"})


def survived(name: str, base: Path, seed: int) -> Sequence[str]:
    """What did not hold when a fault happened; nothing where all did."""
    base.mkdir(parents=True)
    scene = Scene(base=base)
    found = list(FAULTS[name][0](scene, random.Random(seed)))
    if not found:
        shutil.rmtree(base)
    return found
