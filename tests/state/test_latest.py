"""The last pass of each of many tenants: what `history` would tell of each, in one statement."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from reconciler.core.outcome import APPLIED, Outcome, Result
from reconciler.state.history import History
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.latest import Latest, _latest, latest_passes
from reconciler.state.lease import PASS, TTL, acquire
from reconciler.state.records import Verdict
from reconciler.state.store import Store, open_store
from tests.state.worlds import HOUR, NOW, VIEW, change, user

HERE = Holder(host="here", pid=1)
NUMBERS = count()
ENDED = sorted(set(Verdict) - {Verdict.RUNNING, Verdict.INTERRUPTED})


def put(
    store: Store, id: str, hours: int = 0, verdict: Verdict = Verdict.DONE, kind: str = "run"
) -> Journal:
    """A pass on record that began so many hours after NOW."""
    acquire(store, PASS, holder=HERE, ttl=TTL, now=NOW)
    journal, at = Journal(store), NOW + hours * HOUR
    journal.begin(id, kind=kind, started_at=at, holder="here:1", config_digest=None, commit="c0")
    if verdict is not Verdict.RUNNING:
        end = at + timedelta(minutes=1)
        journal.finish(id, verdict=verdict, summary={"create": hours}, finished_at=end)
    return journal


histories = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([*ENDED, Verdict.RUNNING]),
            st.sampled_from(["run", "apply", "plan", "undo"]),
        ),
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


@given(histories)
def test_it_is_the_newest_that_a_daemon_ended_and_of_every_tenant_at_once(
    shared: str, drawn: list[list[tuple[int, Verdict, str]]]
) -> None:
    names = [f"school-{next(NUMBERS)}.test" for _ in drawn]
    expected = {}
    with open_store(shared, tenant="none") as store:
        for name, passes in zip(names, drawn, strict=True):
            school = store.sibling(name)
            for index, each in enumerate(passes):
                put(school, f"P{index}", *each)
            told = (
                each
                for each in History(school).passes(9)
                if each.kind == "run" and each.verdict is not Verdict.RUNNING
            )
            if (newest := next(told, None)) is not None:
                expected[name] = Latest(newest, applied=0)

        assert latest_passes(store, names, "run") == expected


def test_only_those_that_were_asked_for_are_told_of(store: Store) -> None:
    for name in ("north.test", "south.test"):
        put(store.sibling(name), "A")

    assert latest_passes(store, ["north.test", "new.test"], "run").keys() == {"north.test"}
    assert latest_passes(store, [], "run") == {}


def test_a_pass_that_died_is_none_until_the_next_one_finds_it_out(store: Store) -> None:
    put(store, "A")
    journal = put(store, "B", 1, Verdict.RUNNING)
    assert latest_passes(store, [store.tenant], "run")[store.tenant].record.id == "A"

    journal.mark_interrupted()
    record = latest_passes(store, [store.tenant], "run")[store.tenant].record
    assert (record.id, record.verdict) == ("B", Verdict.INTERRUPTED)


@pytest.mark.parametrize("creations", range(3))
@pytest.mark.parametrize("applied", range(3))
def test_what_was_applied_is_counted_and_nothing_else(
    store: Store, applied: int, creations: int
) -> None:
    refused = Outcome(Result.FAILED, "no")
    ends = {user(number): APPLIED if number < applied else refused for number in range(3)}
    for id in ("A", "B"):
        journal = put(store, id, 0 if id == "A" else 1)
        changes = [change(each.id, None, VIEW) for each in ends]
        journal.intend(id, 1, 4711, "Biology 101", changes)
        # Of what was sent before all was applied: it is the last pass that counts.
        journal.settle(id, 1, 4711, ends if id == "B" else dict.fromkeys(ends, APPLIED), at=NOW)
        for number in range(2):
            outcome = APPLIED if number < creations or id == "A" else refused
            journal.intend_collection(id, f"New {number}", None, NOW)
            journal.settle_collection(id, f"New {number}", None, outcome, None, NOW)

    found = latest_passes(store, [store.tenant], "run")[store.tenant]
    assert found.applied == applied + creations


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_table_of_what_was_done_is_gone_through(store: Store) -> None:
    with store.read() as connection:
        asked = _latest(["a", "b"], "run").compile(
            connection.engine, compile_kwargs={"literal_binds": True}
        )
        steps = connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all()

    told = [str(each.detail) for each in steps]
    assert [each for each in told if each.startswith("SCAN")] == []
    for index in ("passes_by_time", "changes_by_pass", "creations_by_pass"):
        assert any(f"USING INDEX {index} (tenant=?" in each for each in told), told
