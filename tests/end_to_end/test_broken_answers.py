"""Whatever the service answers, a command comes to one of its ends, and touches no other."""

from __future__ import annotations

import copy
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.end_to_end.fake_studio import Answer, Call, fake_studio, school
from tests.end_to_end.shell import QuickShell, config

ROWS = """
- name: Biology 101
  shares: [{user: lin@school.edu}, {group: 7, permission: edit}, {user: mia@school.edu}]
- name: Field Work
  owner: 102
  shares: [{user: 105}]
- name: Gone
  id: 99
  shares: []
"""
OTHER = 4712
ODD: list[Any] = [None, "", 0, -1, "x", [], {}, [None], {"id": 1}, True, 1.5, 10**30, "\ud800"]
ENDS = {0, 1, 3, 5}


def broken(value: Any, dice: random.Random) -> Any:  # noqa: ANN401 - JSON is
    """The same with one thing in it left out, doubled or replaced."""
    if not isinstance(value, dict | list) or not value or dice.random() < 0.2:
        return dice.choice(ODD)
    place: Any = dice.choice(list(value) if isinstance(value, dict) else range(len(value)))
    how = dice.random()
    if how < 0.15:
        del value[place]
    elif how < 0.3 and isinstance(value, list):
        value.append(copy.deepcopy(value[place]))
    else:
        value[place] = broken(value[place], dice)
    return value


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_broken_answers_break_nothing(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    with fake_studio() as served, tempfile.TemporaryDirectory() as folder:
        studio = school(served)

        def spoil(call: Call) -> Answer:
            answer = studio.act(call)
            if dice.random() < 0.35:
                answer.body = {"broken": 1, **_as_object(broken(answer.body, dice))}
            return answer

        studio.spoil = spoil
        before = dict(studio.shares(OTHER))
        shell = QuickShell(Path(folder))
        shell.write(config(studio.url, ROWS).replace("  auth", "  timeout: 1s\n  auth"))
        assert shell("plan").status in ENDS
        assert studio.writes == []
        assert shell("apply", "--yes").status in ENDS
        assert studio.shares(OTHER) == before


def _as_object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"collections": value, "users": value}
