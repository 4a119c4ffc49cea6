"""A state for the scenes of this folder, made once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.mortal import Slate
from tests.laws.whole import HOST

# A state in memory: what these laws are about is not whether a disk keeps its promises.
FAST = Path("/dev/shm")  # noqa: S108 - folders of our own in it


@pytest.fixture(scope="module")
def slate() -> Iterator[Slate]:
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as folder:
        made = Slate(Path(folder), HOST)
        yield made
        made.store.close()
