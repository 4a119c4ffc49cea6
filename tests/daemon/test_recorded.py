"""What is told of a pass on record, beside what the daemon that made it tells."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Hold, Plan, summarize
from reconciler.daemon.board import SUCCESSES, left_of
from reconciler.daemon.recorded import (
    Left,
    document_on_record,
    left_on_record,
    sentence_on_record,
    standing_on_record,
)
from reconciler.daemon.standing import standing
from reconciler.state.latest import Latest
from reconciler.state.records import Verdict
from tests.builders import grants, planned
from tests.daemon.snapshots import HOLD, after
from tests.daemon.tenants_of_all_kinds import on_record

ENDS = st.lists(st.sampled_from(["applied", "failed", "held"]), max_size=4)


@given(ENDS, st.booleans())
def test_it_is_what_the_daemon_tells_that_made_the_pass(ends: list[str], may_write: bool) -> None:
    changes = [
        replace(each, hold=HOLD if end == "held" else None)
        for each, end in zip(grants(len(ends)), ends, strict=True)
    ]
    hold = Hold(id=HOLD, guard="grants.per_pass", collection=None, detail="", changes=1)
    entry = planned(*changes)
    plan = Plan(collections=(entry,), holds=(hold,) if "held" in ends else ())
    outcomes = {
        (entry.key, each.principal): APPLIED if end == "applied" else Outcome(Result.FAILED)
        for each, end in zip(changes, ends, strict=True)
        if end != "held" and may_write
    }
    held = Verdict.HELD if "held" in ends else Verdict.DONE
    verdict = Verdict.PARTIAL if "failed" in ends and may_write else held
    left = left_of(plan, Outcomes(shares=outcomes))
    applied = ends.count("applied") if may_write else 0

    told = on_record(verdict, applied, **asdict(summarize(plan)))

    mine = standing(after(left, verdict.value, may_write=may_write))
    seen = standing_on_record(told)
    assert (seen.tone if seen else "good") == mine.tone
    counts = summarize(left)
    assert left_on_record(told) == Left(counts.create, counts.held, 0)


STANDINGS = [
    pytest.param(on_record(Verdict.DONE, 3, create=3), None, "done, nothing pending", id="done"),
    pytest.param(
        on_record(Verdict.DONE, create=1, destroy=1),
        ("wary", "changes are pending"),
        "done, 2 changes pending",
        id="only-looked",
    ),
    pytest.param(
        on_record(Verdict.HELD, 1, create=1, destroy=4, held=4),
        ("wary", "something is held"),
        "held, 4 changes pending (4 held)",
        id="held",
    ),
    pytest.param(
        on_record(Verdict.PARTIAL, 1, update=2),
        ("bad", "not everything could be done"),
        "partial, 1 change pending",
        id="partial",
    ),
    pytest.param(
        on_record(Verdict.PARTIAL, unreadable=1),
        ("bad", "not everything could be done"),
        "partial, nothing pending",
        id="unreadable",
    ),
    pytest.param(
        on_record(Verdict.FAILED),
        ("bad", "the last pass failed"),
        "failed, before it had planned anything",
        id="failed",
    ),
    pytest.param(
        on_record(Verdict.INTERRUPTED),
        ("wary", "the last pass was interrupted"),
        "interrupted, before it had planned anything",
        id="interrupted",
    ),
    pytest.param(
        on_record(Verdict.STOPPED, 0, create_collection=1, create=2),
        ("wary", "changes are pending"),
        "stopped, 3 changes pending",
        id="stopped",
    ),
    pytest.param(
        on_record(Verdict.DONE, unresolved=1),
        ("wary", "it is not in agreement"),
        "done, nothing pending",
        id="unresolved",
    ),
    pytest.param(
        on_record(Verdict.DONE, 9, create=3), None, "done, nothing pending", id="applied-twice"
    ),
]


@pytest.mark.parametrize(("latest", "expected", "sentence"), STANDINGS)
def test_a_person_is_told_how_it_ended_and_what_to_see_to(
    latest: Latest, expected: tuple[str, str] | None, sentence: str
) -> None:
    seen = standing_on_record(latest)

    assert (seen and (seen.tone, seen.title)) == expected
    assert sentence_on_record(latest) == sentence


@given(st.sampled_from(sorted(set(Verdict) - {Verdict.RUNNING})), st.integers(0, 3))
def test_what_failed_is_never_passed_over(verdict: Verdict, held: int) -> None:
    seen = standing_on_record(on_record(verdict, create=held, held=held, unresolved=held))

    if verdict in {Verdict.FAILED, Verdict.PARTIAL}:
        assert seen is not None
        assert seen.tone == "bad"
    assert verdict in SUCCESSES or verdict is Verdict.STOPPED or seen is not None


def test_as_data_it_has_all_of_it() -> None:
    latest = on_record(Verdict.HELD, 1, commit="abc123", create=2, destroy=1, held=1)

    assert document_on_record(latest) == {
        "pass_id": "01JDELSEWHERE",
        "verdict": "held",
        "started_at": "2026-11-23T11:53:00Z",
        "finished_at": "2026-11-23T11:54:00Z",
        "commit": "abc123",
        "summary": {"create": 2, "destroy": 1, "held": 1},
        "pending": 2,
        "held": 1,
    }
    failed = document_on_record(on_record(Verdict.FAILED))
    assert (failed["summary"], failed["pending"], failed["held"]) == ({}, None, None)
