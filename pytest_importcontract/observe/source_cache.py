"""What is remembered from run to run: what was read of source files, and verdicts."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        import sqlite3
    except ImportError:  # a Python that was built without it
        sqlite3 = None

_DAY = 86_400  # seconds
_KEPT = 30  # days
_LIMIT = 256_000_000  # bytes
_PATIENCE = 5.0  # seconds to wait for another run that writes
_AT_ONCE = 500  # keys; older SQLite takes no more than 999 values
_TABLE = """\
CREATE TABLE IF NOT EXISTS answers
(key BLOB PRIMARY KEY, answer BLOB NOT NULL, proof BLOB NOT NULL, used INTEGER NOT NULL)
"""
_HALF = "SELECT key FROM answers ORDER BY used LIMIT (SELECT count(*) / 2 FROM answers)"
# What speaks of the machine or of other runs, and not of a damaged file.
_NO_DAMAGE = ("PERM", "BUSY", "LOCKED", "NOMEM", "READONLY", "IOERR", "FULL", "CANTOPEN")


class SourceCache:
    """Texts by key, in one SQLite file, which several runs may use at a time.

    It never fails: a file that is damaged is made anew, one that cannot be read or written is done
    without, and a text that is not what was put in is not found. What nobody asked for in 30 days
    goes, and where there are more than 256 MB the half that was used longest ago.

    Args:
        folder: where the file lies; made when there is something to keep.
        name: the file's, without its ending.
        day: today, in days since the epoch; by default the clock says.
    """

    def __init__(self, folder: Path, name: str = "source", *, day: int | None = None) -> None:
        self._file = folder / f"{name}.sqlite"
        self._day = int(time.time() // _DAY) if day is None else day

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The texts of those keys that are known."""
        wanted = list(dict.fromkeys(keys))
        found: dict[bytes, bytes] = {}

        def look_up(database: sqlite3.Connection) -> None:
            unused = []
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, answer, proof, used FROM answers WHERE key IN ({marks})"
                for key, answer, proof, used in database.execute(query, some):
                    if isinstance(answer, bytes) and proof == _proof(key, answer):
                        found[key] = answer
                        if used != self._day:
                            unused.append((self._day, key))
            if unused:
                database.executemany("UPDATE answers SET used = ? WHERE key = ?", unused)

        if wanted and self._file.is_file():
            self._do(look_up)
        return found

    def put(self, answers: Mapping[bytes, bytes]) -> None:
        """Remember texts, each by its key."""
        rows = [(key, text, _proof(key, text), self._day) for key, text in answers.items()]

        def remember(database: sqlite3.Connection) -> None:
            database.execute("PRAGMA auto_vacuum = FULL")  # counts before there is a table
            database.execute(_TABLE)
            database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)
            database.execute("DELETE FROM answers WHERE used < ?", [self._day - _KEPT])
            ((pages,),) = database.execute("PRAGMA page_count")
            ((size,),) = database.execute("PRAGMA page_size")
            if pages * size > _LIMIT:
                database.execute(f"DELETE FROM answers WHERE key IN ({_HALF})")

        if rows:
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
            # The first attempt may do no more than find out that the file is damaged.
            if not self._do(remember):
                self._do(remember)

    def clear(self) -> None:
        """Forget everything."""
        with contextlib.suppress(OSError):
            self._file.unlink()

    def _do(self, action: Callable[[sqlite3.Connection], None]) -> bool:
        """Whether an action succeeded, as one transaction; a damaged file is deleted."""
        if sqlite3 is None:
            return False
        try:
            database = sqlite3.connect(self._file, timeout=_PATIENCE)
            with contextlib.closing(database), database:
                # Whatever a crash leaves behind is found out: it need not reach the disk at once.
                database.execute("PRAGMA synchronous = OFF")
                database.execute("PRAGMA journal_mode = MEMORY")
                database.execute("PRAGMA cell_size_check = ON")
                action(database)
            return True
        except (sqlite3.Error, MemoryError) as error:
            code = getattr(error, "sqlite_errorcode", -1) & 0xFF
            if code not in (getattr(sqlite3, f"SQLITE_{name}") for name in _NO_DAMAGE):
                with contextlib.suppress(OSError):
                    self._file.unlink()
            return False


def _proof(key: bytes, text: bytes) -> bytes:
    """What tells that a row is what was put in."""
    return hashlib.blake2b(text, digest_size=16, key=key[:64]).digest()
