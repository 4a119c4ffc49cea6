"""The whole against the simulated tenant: whatever goes wrong, nothing outside the file moves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from hypothesis import given, reject

from reconciler.errors import ConfigError
from tests.laws.mortal import START, Slate
from tests.laws.scenes import Scene, scenes
from tests.laws.whole import HOST, Whole

# A state in memory: what these laws are about is not whether a disk keeps its promises.
FAST = Path("/dev/shm")  # noqa: S108 - folders of our own in it


@pytest.fixture(scope="module")
def slate() -> Iterator[Slate]:
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as folder:
        made = Slate(Path(folder), HOST)
        yield made
        made.store.close()


def play(scene: Scene, slate: Slate) -> None:
    """Play a scene to its end, and then let all go right."""
    with slate as store, time_machine.travel(START, tick=False) as time:
        try:
            whole = Whole(scene, slate.folder, store, time)
            for step in scene.steps:
                whole.play(step)
        except ConfigError:
            reject()
        whole.settle()


@given(scene=scenes)
def test_whatever_goes_wrong_it_converges_and_nothing_else_moves(
    scene: Scene, slate: Slate
) -> None:
    play(scene, slate)
