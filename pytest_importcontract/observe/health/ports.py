"""Ports of this machine: a free one, who listens where."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

_LISTENS = "0A"
_ACCEPTS = 0x10000  # __SO_ACCEPTCON
_PATH = 7  # the field of a socket's file


def free_port(host: str) -> int:
    """A port that nothing listens on at an address of this machine, for the moment."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.bind((host if host != "localhost" else "127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def is_taken(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def listening(pids: Iterable[int]) -> frozenset[tuple[str, int]] | None:
    """The addresses and ports that processes listen on; None where there is no ``/proc/net``.

    Source: proc(5), ``/proc/net/tcp``.
    """
    sockets = _sockets()
    if sockets is None:
        return None
    return frozenset(sockets[inode] for pid in pids for inode in _inodes(pid) if inode in sockets)


def listening_files(pids: Iterable[int]) -> frozenset[str]:
    """The files of the UNIX sockets that processes listen on, as they have named them.

    Source: unix(7), ``/proc/net/unix``.
    """
    found: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/unix").read_text("utf-8", "replace").splitlines()[1:]:
            fields = line.split(maxsplit=7)
            if len(fields) > _PATH and int(fields[3], 16) & _ACCEPTS:
                found[fields[6]] = fields[_PATH]
    return frozenset(found[inode] for pid in pids for inode in _inodes(pid) if inode in found)


def _sockets() -> dict[str, tuple[str, int]] | None:
    found: dict[str, tuple[str, int]] = {}
    known = False
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = Path("/proc/net", name).read_text("ascii").splitlines()[1:]
            known = True
            for line in lines:
                fields = line.split()
                if fields[3] == _LISTENS:
                    address, _, port = fields[1].partition(":")
                    found[fields[9]] = _address(address), int(port, 16)
    return found if known else None


def _address(text: str) -> str:
    """An address as the kernel writes it: words of four bytes in the machine's order."""
    data = b"".join(
        int(text[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(text), 8)
    )
    return str(ipaddress.ip_address(data))


def _inodes(pid: int) -> Iterable[str]:
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    yield target[8:-1]
