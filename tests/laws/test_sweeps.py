"""Weeks of a daemon that does not read everything each time: it heals as surely, by fewer reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from tests.laws.memory import folder_in_memory
from tests.laws.mortal import START
from tests.laws.test_soak import LONG, SEED, the_record_is_whole
from tests.laws.weeks import Weeks

WEEKS = 30 if LONG else 2


def test_what_drifts_is_healed_within_a_sweep_and_nothing_else_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STUDIO_TOKEN", "sandbox")
    print("seed", SEED)  # noqa: T201 - shown where it fails
    with (
        folder_in_memory() as folder,
        time_machine.travel(START, tick=False) as time,
    ):
        weeks = Weeks(
            folder,
            time,
            weeks=WEEKS,
            seed=SEED,
            every=timedelta(hours=3),
            full_sweep=timedelta(hours=12),
        )
        weeks.run()
        the_record_is_whole(weeks)

    assert weeks.checked > 3 * WEEKS
    assert weeks.healed > 5 * WEEKS
    # A world of four entries, and something happens to them every day.
    assert weeks.reads < 0.75 * weeks.could_read
