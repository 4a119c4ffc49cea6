"""The whole against the simulated tenant: whatever goes wrong, nothing outside the file moves."""

from __future__ import annotations

from hypothesis import given, reject

from reconciler.errors import ConfigError
from tests.laws.mortal import Slate
from tests.laws.scenes import Scene, creations, removals, scenes
from tests.laws.whole import play


def play_it(scene: Scene, slate: Slate) -> None:
    try:
        play(scene, slate)
    except ConfigError:
        reject()


@given(scene=scenes)
def test_whatever_goes_wrong_it_converges_and_nothing_else_moves(
    scene: Scene, slate: Slate
) -> None:
    play_it(scene, slate)


@given(scene=creations)
def test_whatever_becomes_of_an_answer_no_collection_is_made_twice(
    scene: Scene, slate: Slate
) -> None:
    play_it(scene, slate)


@given(scene=removals())
def test_whatever_comes_back_no_more_goes_than_the_limits_let(scene: Scene, slate: Slate) -> None:
    play_it(scene, slate)
