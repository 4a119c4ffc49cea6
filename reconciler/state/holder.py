"""
Who holds a lease: a process, told apart from every other one that ever ran.

A process id alone proves nothing. It is used again; in a container it is mostly 1; after
a restart it is anybody's. So a holder is known by its host, boot, process id namespace,
process id and time of start, and is called gone only when all of that says so.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sqlalchemy import Row

STARTED_FIELD = 19  # of /proc/PID/stat, counted behind the name, which may hold anything
DEAD_STATES = ("Z", "X")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process. `boot`, `namespace` and `started` are None where the system does not tell."""

    host: str
    pid: int
    boot: str | None = None
    namespace: str | None = None
    started: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    @classmethod
    def this_process(cls) -> Self:
        pid = os.getpid()
        return cls(
            host=socket.gethostname(),
            pid=pid,
            boot=_first_line(Path("/proc/sys/kernel/random/boot_id")),
            namespace=_link(Path("/proc/self/ns/pid")),
            started=_started(pid),
        )

    @classmethod
    def of(cls, row: Row[tuple[object, ...]]) -> Self:
        """The process that a row tells of."""
        return cls(
            host=row.host,
            pid=row.pid,
            boot=row.boot,
            namespace=row.namespace,
            started=row.started,
        )

    def sees_gone(self, other: Holder) -> bool:
        """Whether this process, alive, can prove that the other is not any more."""
        if None in (other.boot, other.namespace, other.started):
            return False
        here = (self.host, self.boot, self.namespace)
        if here != (other.host, other.boot, other.namespace):
            return False
        if not _exists(other.pid):
            return True
        stat = _stat(other.pid)
        return stat is not None and (stat[0] in DEAD_STATES or stat[STARTED_FIELD] != other.started)


def _exists(pid: int) -> bool:
    # Asked of the kernel, not of /proc, which may be told to hide others' processes.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _stat(pid: int) -> list[str] | None:
    line = _first_line(Path(f"/proc/{pid}/stat"))
    return None if line is None else line.rpartition(")")[2].split()


def _started(pid: int) -> str | None:
    stat = _stat(pid)
    return None if stat is None else stat[STARTED_FIELD]


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _link(path: Path) -> str | None:
    try:
        return str(path.readlink())
    except OSError:
        return None
