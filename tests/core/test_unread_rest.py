"""A pass that leaves a part of the file unread: what it plans, and what it is judged by."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.core.limits import Limit, Limits, Visibility
from reconciler.core.observed import Memory, Person, Sightings
from reconciler.core.sweep import Rest
from reconciler.passes.draft import look
from reconciler.passes.ports import Task
from reconciler.passes.rounds import Preview, preview
from tests.builders import NOW, OFF, VIEW, address, declare, entry, share, user
from tests.tenant import Tenant

ANA, BEN = user(2), user(3)
FILE = declare(*(entry(share(ANA), name=f"C{each}", line=each, id=each) for each in range(1, 101)))


def tenant() -> Tenant:
    made = Tenant()
    for each in range(1, 101):
        made.add(each, f"C{each}", {ANA: VIEW})
    return made


def swept(studio: Tenant, read: int, *, rest: Rest, limits: Limits = OFF) -> Preview:
    """A pass over the first few of a hundred entries."""
    entries = FILE.collections[:read]
    task = Task(declarations=FILE, entries=entries, limits=limits, rest=rest)
    return preview(studio, task, NOW)


def rest_of(read: int, *, blind: int = 0, seen: Sightings | None = None) -> Rest:
    left = 100 - read
    return Rest(entries=left, changeable=left, blind=blind, seen=seen or Sightings())


def test_what_is_not_read_is_no_part_of_the_plan() -> None:
    studio = tenant()
    studio.levels[50] = {BEN: VIEW}

    made = swept(studio, 10, rest=rest_of(10))

    assert [each.name for each in made.plan.collections] == sorted(f"C{n}" for n in range(1, 11))
    assert not made.plan.has_changes
    assert studio.reads["shares 50"] == 0


def test_it_is_about_the_whole_file_all_the_same() -> None:
    whole = Task(declarations=FILE, entries=FILE.collections)

    assert replace(whole, entries=FILE.collections[:10], rest=rest_of(10)).covers_all
    assert not replace(whole, entries=FILE.collections[:10]).covers_all


def test_what_left_the_file_is_told_by_a_part_too() -> None:
    memory = Memory(collections={"Gone": 7000, "C50": 50})
    task = Task(declarations=FILE, entries=FILE.collections[:10], rest=rest_of(10), memory=memory)

    (told,) = preview(tenant(), task, NOW).plan.notices

    assert told.code == "collection-released"
    assert told.message.startswith("Gone ")


def test_a_limit_in_percent_is_of_the_unread_shares_too() -> None:
    studio = tenant()
    for each in range(1, 9):
        studio.levels[each][BEN] = VIEW
    limits = replace(OFF, removals_per_pass=Limit(0, Decimal(10)))

    assert not swept(studio, 10, rest=rest_of(10), limits=limits).plan.holds
    (hold,) = swept(studio, 10, rest=Rest(entries=90, changeable=50), limits=limits).plan.holds
    assert hold.detail.startswith("the plan removes 8 of 68 shares; at most 6 ")


VISIBILITY = [
    pytest.param(3, 3, False, id="few-of-all-as-before"),
    pytest.param(3, 0, True, id="many-of-those-read-and-news"),
    pytest.param(4, 3, False, id="one-that-is-news"),
    pytest.param(7, 7, True, id="many-of-all"),
]


@pytest.mark.parametrize(("unreadable", "blind", "held"), VISIBILITY)
def test_what_is_news_weighs_among_what_was_read(unreadable: int, blind: int, held: bool) -> None:
    studio = tenant()
    studio.unreadable = set(range(1, unreadable + 1))
    studio.levels[20][BEN] = VIEW
    limits = replace(OFF, visibility=Visibility(3, Decimal(5)))

    made = swept(studio, 21 + blind, rest=rest_of(21 + blind, blind=blind), limits=limits)

    assert [hold.guard for hold in made.plan.holds] == (["visibility"] if held else [])


def test_a_name_is_whom_the_rest_showed() -> None:
    seen = Sightings({3: Person(3, "Ben", "ben@school.edu")})
    file = declare(entry(share(address("Ben@school.edu")), name="C1", id=1), *FILE.collections[1:])
    task = Task(declarations=file, entries=file.collections[:1], rest=rest_of(1, seen=seen))
    studio = tenant()

    made = preview(studio, task, NOW)

    assert BEN in {change.principal for _, change in made.plan.changes()}
    assert studio.reads["people ben@school.edu"] == 0


def test_a_listing_that_was_looked_at_is_not_read_again() -> None:
    studio = tenant()
    task = Task(declarations=FILE, entries=FILE.collections[:10], rest=rest_of(10))
    view = look(studio, task)

    made = preview(studio, task, NOW, view)

    assert studio.reads["listing"] == 1
    assert made.draft.view is view
