"""
What a file says, by its digest, read again only where it may have changed.

A file whose identity (device, inode, size, times in nanoseconds) is the same is
taken for unchanged, unless it was written just before it was read: the clock of
a file system ticks in steps, and two writes within one step look alike.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

# The coarsest clock of a file system still met (FAT) steps by two seconds.
_STEP_NS = 5_000_000_000

_MISSING = errno.errorcode[errno.ENOENT]

Identity: TypeAlias = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """
    How a file was when looked at.

    `content` is a digest, or why there is none; `identity` is None where the
    file has to be read again at the next look.
    """

    content: str
    identity: Identity | None = None

    @property
    def is_missing(self) -> bool:
        return self.content == _MISSING


def fingerprint(path: Path, known: Fingerprint | None, now_ns: int) -> Fingerprint:
    """Look at a file, which may be missing, or no file, or not for us to read."""
    try:
        with io.FileIO(path, opener=_open) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Fingerprint("not a file")
            identity = _identity(status)
            if known is not None and known.identity == identity:
                return known
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            rests = identity == _identity(os.fstat(file.fileno()))
    except OSError as error:
        return Fingerprint(errno.errorcode.get(error.errno or 0, "unreadable"))
    written = max(status.st_mtime_ns, status.st_ctime_ns)
    return Fingerprint(digest, identity if rests and written < now_ns - _STEP_NS else None)


def _open(path: str, flags: int) -> int:
    # A pipe in the place of a file must not be waited for.
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _identity(status: os.stat_result) -> Identity:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
