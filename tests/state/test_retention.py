"""What the state forgets and what never goes, and that the file shrinks with it."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from reconciler.core.outcome import APPLIED
from reconciler.state.journal import Journal
from reconciler.state.plans import claim
from reconciler.state.retention import PASSES, PLANS, TOGETHER, forget_old
from reconciler.state.store import Store, open_store
from tests.state.worlds import EDIT, HOUR, NOW, begin, change, user

AGES = PASSES + TOGETHER


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


def finished(journal: Journal, pass_id: str, at: timedelta, plan: str = "") -> None:
    """A pass that began so long after NOW, removed one share, and is done."""
    begin(journal, pass_id, NOW + at)
    journal.planned(pass_id, 1, {"plan": plan})
    journal.intend(pass_id, 1, 4711, "Biology 101", [change(1, EDIT, None)])
    journal.settle(pass_id, 1, 4711, {user(1): APPLIED}, at=NOW + at)
    journal.finish(pass_id, verdict="done", summary={}, finished_at=NOW + at)


def known(journal: Journal) -> set[str]:
    return {record.id for record in journal.passes(99)}


def test_an_old_pass_is_forgotten_with_all_it_did(journal: Journal, store: Store) -> None:
    finished(journal, "A", timedelta(0))
    finished(journal, "B", 2 * TOGETHER)

    forget_old(store, NOW + AGES + HOUR)

    assert known(journal) == {"B"}
    assert journal.removals_since(NOW) == 1


def test_a_plan_goes_long_before_its_pass(journal: Journal, store: Store) -> None:
    finished(journal, "A", timedelta(0))
    finished(journal, "B", 2 * TOGETHER)

    forget_old(store, NOW + PLANS + TOGETHER + HOUR)

    assert known(journal) == {"A", "B"}
    assert (journal.plans("A"), len(journal.plans("B"))) == ((), 1)
    assert [len(journal.read(each).changes) for each in "AB"] == [1, 1]


def test_what_runs_and_what_has_a_creation_to_settle_stays(journal: Journal, store: Store) -> None:
    begin(journal, "lost")
    journal.intend_collection("lost", "Chemistry", None, NOW)
    journal.mark_interrupted()
    begin(journal, "running")
    journal.planned("running", 1, {})

    forget_old(store, NOW + 2 * AGES)

    assert known(journal) == {"lost", "running"}
    assert len(journal.lost_creations()) == 1
    assert journal.plans("running")


def test_saved_plans_go_that_are_too_old_to_be_applied(journal: Journal, store: Store) -> None:
    finished(journal, "A", timedelta(0))
    claim(store, "sha256:1", "A", NOW)
    forget_old(store, NOW + AGES + HOUR)
    assert claim(store, "sha256:1", "A", NOW)


def test_nothing_is_written_until_a_day_s_worth_is_due(
    journal: Journal, store: Store, place: str
) -> None:
    finished(journal, "A", timedelta(0))
    with open_store(place, tenant=store.tenant) as other, other.write():
        # Somebody else is writing: whoever wanted to would wait, and fail.
        forget_old(store, NOW + PLANS + TOGETHER - HOUR)

    assert journal.plans("A")
    forget_old(store, NOW + PLANS + TOGETHER + HOUR)
    assert not journal.plans("A")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_file_gives_back_the_room(journal: Journal, store: Store, path: Path) -> None:
    noise = random.Random(1)  # noqa: S311 - room that nothing can pack
    for index in range(40):
        finished(journal, f"A{index:02}", timedelta(0), noise.randbytes(30_000).hex())
    with store.read() as connection:
        before = connection.scalar(text("PRAGMA page_count"))

    forget_old(store, NOW + PLANS + 2 * TOGETHER)

    with store.read() as connection:
        after = connection.scalar(text("PRAGMA page_count"))
        free = connection.scalar(text("PRAGMA freelist_count"))
    assert (before or 0) > 4 * (after or 0)
    assert free == 0
    store.close()
    assert path.stat().st_size < 300_000
