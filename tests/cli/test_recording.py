"""How long a pass waits for what an earlier one sent: a whole timeout, and never longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.cli.recording import quiet_from
from reconciler.core.outcome import Outcome, Result
from reconciler.state.journal import Journal
from reconciler.state.store import open_store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TIMEOUT = timedelta(seconds=30)


def lost(may_land: bool) -> Outcome:
    return Outcome(Result.UNKNOWN, "no answer", may_land=may_land)


WAITS = [
    pytest.param([], NOW, id="nothing-was-lost"),
    pytest.param([(NOW, False)], NOW, id="it-cannot-land-any-more"),
    pytest.param([(NOW - TIMEOUT, True)], NOW, id="long-ago"),
    pytest.param([(NOW - TIMEOUT / 3, True)], NOW + TIMEOUT * 2 / 3, id="a-while-ago"),
    pytest.param(
        [(NOW - TIMEOUT / 3, True), (NOW, True)], NOW + TIMEOUT, id="the-latest-of-several"
    ),
    pytest.param([(NOW + timedelta(days=1), True)], NOW + TIMEOUT, id="the-clock-was-set-back"),
]


@pytest.mark.parametrize(("creations", "when"), WAITS)
def test_when_no_creation_can_be_under_way(
    tmp_path: Path, creations: list[tuple[datetime, bool]], when: datetime
) -> None:
    with open_store(str(tmp_path / "state.db"), tenant="t") as store:
        journal = Journal(store)
        journal.begin(
            "01", kind="apply", started_at=NOW, holder="h:1", config_digest=None, commit=None
        )
        for number, (at, may_land) in enumerate(creations):
            journal.intend_collection("01", f"C {number}", None, at)
            journal.settle_collection("01", f"C {number}", None, lost(may_land), None, at)
        assert quiet_from(journal, TIMEOUT, NOW) == when
