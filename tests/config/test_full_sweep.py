"""`schedule.full_sweep`: how long a collection that agrees with the file may go unread."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.given import loaded, told

GOOD = [
    pytest.param("full_sweep: 6h", timedelta(hours=6), id="beside-the-default"),
    pytest.param("full_sweep: 15m", timedelta(minutes=15), id="as-long-as-the-default"),
    pytest.param("every: 1h, full_sweep: 60m", timedelta(hours=1), id="as-long-as-every"),
    pytest.param("cron: '0 4 * * *', full_sweep: 10s", timedelta(seconds=10), id="with-cron"),
    pytest.param("every: 1h", None, id="absent"),
]


@pytest.mark.parametrize(("written", "read"), GOOD)
def test_a_full_sweep_is_a_duration(tmp_path: Path, written: str, read: timedelta | None) -> None:
    assert loaded(tmp_path, f"schedule: {{{written}}}").settings.schedule.full_sweep == read


BAD = [
    pytest.param(
        "full_sweep: 5m",
        "1:24: full_sweep must be at least as long as every, which is 15m",
        id="default",
    ),
    pytest.param(
        "every: 1h, full_sweep: 59m",
        "1:35: full_sweep must be at least as long as every, which is 1h",
        id="shorter-than-every",
    ),
    pytest.param("full_sweep: often", "1:24: full_sweep must be a duration", id="nonsense"),
    pytest.param(
        "cron: '0 4 * * *', full_sweep: 9s",
        "1:43: full_sweep must be at least 10s",
        id="no-pass-so-often",
    ),
    pytest.param(
        "every: often, full_sweep: 5m", "1:19: every must be a duration", id="every-unknown"
    ),
]


@pytest.mark.parametrize(("written", "problem"), BAD)
def test_one_that_no_pass_could_keep_is_refused(tmp_path: Path, written: str, problem: str) -> None:
    (only,) = told(tmp_path, f"schedule: {{{written}}}")

    assert only.startswith(problem)
