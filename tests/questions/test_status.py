"""Where the daemon stands, by the leases and the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.questions.status import standing
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.lease import SEAT, acquire
from reconciler.state.store import Store, open_store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIFE = timedelta(seconds=45)
ELSEWHERE = Holder(host="elsewhere", pid=7)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "reconciler.db"), tenant="school.test") as opened:
        yield opened


def test_a_seat_that_is_renewed_is_taken(store: Store) -> None:
    acquire(store, SEAT, holder=ELSEWHERE, ttl=LIFE, now=NOW)
    seat = standing(store, NOW + LIFE).seat
    assert seat is not None
    assert (str(seat.holder), seat.since) == ("elsewhere:7", NOW)


def test_a_seat_whose_holder_is_silent_for_longer_than_it_lives_is_free(store: Store) -> None:
    acquire(store, SEAT, holder=ELSEWHERE, ttl=LIFE, now=NOW)
    assert standing(store, NOW + LIFE + timedelta(seconds=1)).seat is None


def test_the_last_pass_is_the_daemon_s_own(store: Store) -> None:
    journal = Journal(store)
    for minute, kind in enumerate(("run", "run", "apply", "undo")):
        journal.begin(
            f"P{minute}",
            kind=kind,
            started_at=NOW + timedelta(minutes=minute),
            holder="elsewhere:7",
            config_digest=None,
            commit=None,
        )
    last = standing(store, NOW).last
    assert last is not None
    assert (last.record.id, last.record.verdict) == ("P1", "interrupted")
