"""Folders in memory: what these laws are about is not whether a disk keeps its promises."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own in it


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """One that is gone after the block; on a disk, where there is none in memory."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)
