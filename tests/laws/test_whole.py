"""The whole against the simulated tenant: whatever goes wrong, nothing outside the file moves."""

from __future__ import annotations

from hypothesis import given, reject

from reconciler.errors import ConfigError
from tests.laws.mortal import Slate
from tests.laws.scenes import Scene, scenes
from tests.laws.whole import play


@given(scene=scenes)
def test_whatever_goes_wrong_it_converges_and_nothing_else_moves(
    scene: Scene, slate: Slate
) -> None:
    try:
        play(scene, slate)
    except ConfigError:
        reject()
