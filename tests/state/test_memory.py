from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from reconciler.core.observed import NOTHING_REMEMBERED, Memory
from reconciler.core.outcome import APPLIED
from reconciler.state.journal import Journal
from reconciler.state.memory import forget, managed, recall, remember
from reconciler.state.store import Store, open_store
from tests.state.worlds import EDIT, HOUR, NOW, VIEW, any_text, begin, change, ids, user

names = st.dictionaries(any_text, ids, max_size=4)
tenants = count()


def test_a_new_state_remembers_nothing(store: Store) -> None:
    assert recall(store, since=NOW) == NOTHING_REMEMBERED


def test_all_is_recalled_in_one_transaction(store: Store) -> None:
    begun: list[object] = []
    event.listen(store._database._engine, "begin", begun.append)
    recall(store, since=NOW)
    assert len(begun) == 1


@given(lessons=st.lists(st.tuples(names, names, st.none() | ids), max_size=3), gone=st.data())
def test_each_lesson_goes_over_the_one_before(
    shared: str,
    lessons: list[tuple[dict[str, int], dict[str, int], int | None]],
    gone: st.DataObject,
) -> None:
    known: dict[str, int] = {}
    people: dict[str, int] = {}
    visible = None
    with open_store(shared, tenant=f"school-{next(tenants)}") as store:
        for collections, addresses, seen in lessons:
            remember(store, collections=collections, addresses=addresses, visible=seen, at=NOW)
            known |= collections
            people |= addresses
            visible = visible if seen is None else seen
        expected = Memory(collections=known, addresses=people, visible=visible)
        assert recall(store, since=NOW) == expected
        dropped = gone.draw(st.sets(st.sampled_from(sorted(known)))) if known else set()
        forget(store, dropped)
        assert managed(store) == {k: v for k, v in known.items() if k not in dropped}


def test_names_that_differ_only_in_how_they_are_stored_stay_apart(store: Store) -> None:
    collections = {"a\0b": 1, "a\\u0000b": 2, "a\\b": 3, "\ud83d": 4, "\ud83d\ude00": 5}
    remember(store, collections=collections, addresses={}, visible=None, at=NOW)
    assert managed(store) == collections


def test_memory_counts_what_the_journal_saw_since(store: Store) -> None:
    journal = Journal(store)
    begin(journal, "0", NOW - HOUR)
    begin(journal, "A")
    journal.intend("A", 1, 4711, "Biology", [change(1, EDIT, None), change(2, None, VIEW)])
    journal.settle("A", 1, 4711, {user(1): APPLIED, user(2): APPLIED}, at=NOW)
    memory = recall(store, since=NOW)
    assert (memory.removed_today, memory.restored) == (1, {(4711, user(1)): 1, (4711, user(2)): 1})
    later = recall(store, since=NOW + HOUR)
    assert (later.removed_today, later.restored) == (0, {})
