"""Passes as they are: one whose process is gone is not running, whatever its row says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.core.outcome import APPLIED
from reconciler.questions.history import account_document, account_of, passes_on_record
from reconciler.state.holder import Holder
from reconciler.state.journal import INTERRUPTED, Journal
from reconciler.state.lease import PASS, acquire
from reconciler.state.records import Verdict
from reconciler.state.store import Store, open_store
from tests.builders import VIEW, change, user

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIFE = timedelta(seconds=45)
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "reconciler.db"), tenant="school.test") as opened:
        yield opened


def begin(store: Store, at: datetime = NOW) -> Journal:
    journal = Journal(store)
    journal.begin(
        "P1", kind="run", started_at=at, holder="elsewhere:7", config_digest="sha256:0", commit=None
    )
    return journal


LEASES = [
    pytest.param("elsewhere", NOW, NOW + SECOND, Verdict.RUNNING, id="in-hand"),
    pytest.param("elsewhere", NOW, NOW + LIFE + SECOND, Verdict.INTERRUPTED, id="outlived"),
    pytest.param("another", NOW, NOW + SECOND, Verdict.INTERRUPTED, id="somebody-else's"),
    pytest.param("elsewhere", NOW + SECOND, NOW + SECOND, Verdict.INTERRUPTED, id="a-later-pass's"),
]


@pytest.mark.parametrize(("host", "since", "seen", "verdict"), LEASES)
def test_a_running_pass_is_in_hand_while_its_lease_is_held(
    store: Store, host: str, since: datetime, seen: datetime, verdict: Verdict
) -> None:
    begin(store)
    acquire(store, PASS, holder=Holder(host=host, pid=7), ttl=LIFE, now=since)
    [record] = passes_on_record(store, 5, seen)
    assert record.verdict is verdict


def test_what_an_interrupted_pass_left_open_is_unknown(store: Store) -> None:
    journal = begin(store)
    journal.intend("P1", 1, 4711, "Biology", [change(user(1), None, VIEW)])
    journal.intend("P1", 1, 4712, "Chemistry", [change(user(2), None, VIEW)])
    journal.settle("P1", 1, 4712, {user(2): APPLIED}, at=NOW)
    record = account_of(store, "P1", NOW).record
    assert [each.outcome for each in record.changes] == [INTERRUPTED, APPLIED]


def test_holds_and_warnings_of_all_rounds_are_told_once(store: Store) -> None:
    journal = begin(store)
    first = {"hold": "7c1f0a9e", "guard": "protect"}
    later = {"hold": "0badcafe", "guard": "protect"}
    journal.planned("P1", 1, {"holds": [first], "warnings": []})
    journal.planned("P1", 2, {"holds": [first, later], "warnings": [{"code": "x"}]})
    account = account_of(store, "P1", NOW)
    assert account.holds == (first, later)
    assert account.warnings == ({"code": "x"},)


def test_the_document_says_what_is_still_open(store: Store) -> None:
    begin(store).finish("P1", verdict="done", summary={"held": 0}, finished_at=NOW + SECOND)
    document = account_document(account_of(store, "p1", NOW))
    assert document == {
        "pass_id": "P1",
        "kind": "run",
        "verdict": "done",
        "holder": "elsewhere:7",
        "started_at": "2026-11-23T12:00:00Z",
        "finished_at": "2026-11-23T12:00:01Z",
        "config": {"digest": "sha256:0", "commit": None},
        "summary": {"held": 0},
        "changes": [],
        "creations": [],
        "holds": [],
        "warnings": [],
    }
