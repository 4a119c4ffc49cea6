"""Requests of at most so many actions, and what a refusal leaves to do."""

from __future__ import annotations

import itertools

import pytest

from reconciler.core.batches import batches, remainder
from reconciler.core.model import Foreign, Level, Permission
from reconciler.core.observed import Shares
from reconciler.core.outcome import APPLIED, Result
from reconciler.core.plan import Change
from tests.builders import EDIT, VIEW, change, grants, removals, user

ANA = user(2)
LEVELS: tuple[Permission | None, ...] = (None, VIEW, EDIT)
CHANGES = [change(ANA, *pair) for pair in itertools.permutations(LEVELS, 2)]


@pytest.mark.parametrize(("count", "size", "sizes"), [
    (0, 50, []), (1, 50, [1]), (50, 50, [50]), (51, 50, [50, 1]), (3, 1, [1, 1, 1]),
])  # fmt: skip
def test_changes_go_in_order_in_requests_of_at_most_so_many(
    count: int, size: int, sizes: list[int]
) -> None:
    changes = (*grants(count // 2), *removals(count - count // 2))
    parts = batches(changes, size)

    assert [len(part) for part in parts] == sizes
    assert tuple(itertools.chain.from_iterable(parts)) == changes


def left(seen: Level | None, one: Change) -> str:
    """What becomes of a refused change over a list that was read in full."""
    found = remainder([one], Shares({ANA: seen} if seen is not None else {}))
    if found.to_do:
        assert found.settled == {}
        return "send again"
    return found.settled[ANA].result


@pytest.mark.parametrize("seen", [*LEVELS, Foreign("manage")])
@pytest.mark.parametrize("one", CHANGES, ids=lambda one: f"{one.before}-{one.after}")
def test_a_refused_change_is_sent_again_only_from_where_it_was_approved_to_start(
    one: Change, seen: Level | None
) -> None:
    expected: dict[Level | None, str] = {one.before: "send again", one.after: Result.APPLIED}

    assert left(seen, one) == expected.get(seen, Result.NOT_TRIED)


def test_a_removal_is_not_taken_for_done_because_half_a_list_does_not_show_it() -> None:
    found = remainder([change(ANA, VIEW, None)], Shares({}, "a row is broken"))

    assert found.to_do == ()
    assert found.settled[ANA].result is Result.UNKNOWN
    assert "a row is broken" in (found.settled[ANA].error or "")


@pytest.mark.parametrize("after", [None, VIEW])
def test_nothing_is_taken_away_again_over_half_a_list(after: Permission | None) -> None:
    found = remainder([change(ANA, EDIT, after)], Shares({ANA: EDIT}, "a row is broken"))

    assert found.to_do == ()
    assert found.settled[ANA].result is Result.NOT_TRIED
    assert "a row is broken" in (found.settled[ANA].error or "")


@pytest.mark.parametrize("before", [None, VIEW])
def test_what_half_a_list_shows_as_given_is_given(before: Permission | None) -> None:
    found = remainder([change(ANA, before, EDIT)], Shares({ANA: EDIT}, "a row is broken"))

    assert found.settled == {ANA: APPLIED}


def test_each_change_of_a_batch_is_settled_by_itself() -> None:
    first, second, third = (user(number) for number in (2, 3, 4))
    changes = [change(first, None, VIEW), change(second, None, EDIT), change(third, VIEW, None)]
    found = remainder(changes, Shares({first: VIEW, third: EDIT}))

    assert found.to_do == (changes[1],)
    assert found.settled[first] == APPLIED
    assert found.settled[third].result is Result.NOT_TRIED
    assert found.settled[third].is_open
