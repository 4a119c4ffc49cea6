"""Whose access a plan changes, as a law over small worlds and in the cases that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.model import Foreign, Level, Permission, Principal, PrincipalType
from reconciler.core.observed import Shares
from reconciler.core.plan import Change, CollectionPlan, Plan
from reconciler.core.reach import Reach, Turn, groups_that_matter, reach
from tests.builders import EDIT, OWNER_ID, VIEW, apply_to, change, group, planned, user

ME = 1
STAFF, CLASS = group(7), group(8)
PEOPLE = (2, 3, 4)
ONES = [*(user(id) for id in (*PEOPLE, ME, OWNER_ID)), STAFF, CLASS]
LEVELS = st.dictionaries(st.sampled_from(ONES), st.sampled_from([VIEW, EDIT]))
MEMBERS = st.fixed_dictionaries({
    STAFF.id: st.lists(st.sampled_from([*PEOPLE, ME, OWNER_ID]), unique=True).map(tuple),
    CLASS.id: st.lists(st.sampled_from(PEOPLE), unique=True).map(tuple),
})  # fmt: skip


def on(
    have: Mapping[Principal, Level], *changes: Change, name: str = "Biology 101", line: int = 40
) -> CollectionPlan:
    return replace(planned(*changes, name=name, line=line), observed=Shares(have))


def reached(
    *collections: CollectionPlan, members: Mapping[int, tuple[int, ...] | None] | None = None
) -> Reach:
    return reach(Plan(collections=collections), members or {}, ME, str)


def between(
    have: Mapping[Principal, Permission], want: Mapping[Principal, Permission]
) -> tuple[Change, ...]:
    ones = sorted(have.keys() | want.keys())
    return tuple(
        change(who, have.get(who), want.get(who)) for who in ones if have.get(who) != want.get(who)
    )


def power(id: int, levels: Mapping[Principal, Level], members: Mapping[int, Sequence[int]]) -> int:
    """What one person may do, asked share by share."""
    ways = [
        2 if level == EDIT else 1
        for who, level in levels.items()
        if who == user(id) or (who.type is PrincipalType.GROUP and id in members[who.id])
    ]
    return max(ways, default=0)


@given(LEVELS, LEVELS, MEMBERS)
def test_everybody_is_told_by_what_they_may_do_before_and_after(
    have: dict[Principal, Permission],
    want: dict[Principal, Permission],
    members: dict[int, tuple[int, ...]],
) -> None:
    changes = between(have, want)
    people = reached(on(have, *changes), members=members).people

    after = apply_to(have, changes)
    for id in PEOPLE:
        old, new = power(id, have, members), power(id, after, members)
        assert (id in people.gain) == (old == 0 < new)
        assert (id in people.lose) == (new == 0 < old)
        assert (id in people.raised) == (0 < old < new)
        assert (id in people.lowered) == (0 < new < old)


@given(LEVELS, LEVELS, MEMBERS)
def test_the_owner_and_the_token_s_own_user_are_never_told(
    have: dict[Principal, Permission],
    want: dict[Principal, Permission],
    members: dict[int, tuple[int, ...]],
) -> None:
    people = reached(on(have, *between(have, want)), members=members).people

    told = people.gain | people.lose | people.raised | people.lowered
    assert told.isdisjoint({ME, OWNER_ID})


def test_who_goes_from_a_share_of_their_own_to_the_group_s_loses_nothing() -> None:
    moved = on({user(2): VIEW}, change(STAFF, None, VIEW), change(user(2), VIEW, None))

    assert reached(moved, members={7: (2, 3)}).people == Turn(gain=frozenset({3}))


def test_a_share_below_the_group_s_changes_nothing_for_its_person() -> None:
    kept = on({STAFF: EDIT, user(2): VIEW}, change(user(2), VIEW, None))

    assert not reached(kept, members={7: (2,)}).people.is_any


def test_a_person_is_counted_once_over_all_collections() -> None:
    first = on({}, change(user(2), None, VIEW))
    second = on({}, change(user(2), None, EDIT), name="Other", line=60)
    third = on({user(2): VIEW}, change(user(2), VIEW, None), name="Third", line=70)
    told = reached(first, second, third)

    assert told.people == Turn(gain=frozenset({2}), lose=frozenset({2}))
    assert len(told.turns) == 3


def test_a_collection_to_be_created_is_new_to_everybody_but_its_owner() -> None:
    new = planned(
        change(user(2), None, VIEW), change(user(OWNER_ID), None, VIEW), id=None, name="New"
    )

    assert reached(new).people == Turn(gain=frozenset({2}))


def test_what_is_held_does_not_happen() -> None:
    held = replace(change(user(2), None, VIEW), hold="h")
    of_a_held_creation = replace(planned(change(user(3), None, VIEW), id=None), hold="h")
    plan = Plan(collections=(on({STAFF: VIEW}, held), of_a_held_creation))

    assert reach(plan, {}, ME, str) == Reach()
    assert groups_that_matter(plan) == ()


def test_a_level_that_we_do_not_write_is_access_already() -> None:
    foreign = on({STAFF: Foreign("manage")}, change(user(2), None, EDIT))

    assert not reached(foreign, members={7: (2,)}).people.is_any


def test_groups_that_could_not_be_read_are_named_and_their_people_not_counted() -> None:
    entry = on({STAFF: VIEW}, change(CLASS, None, VIEW), change(user(2), None, VIEW))
    told = reached(entry, members={7: None, 8: (3, 4)})

    assert told.unread == ("group:7",)
    assert told.people.gain == {2, 3, 4}


def test_only_groups_where_something_changes_matter() -> None:
    plan = Plan(
        collections=(
            on({STAFF: VIEW}, change(CLASS, None, VIEW)),
            on({group(9): VIEW}, name="In agreement", line=60),
        )
    )

    assert groups_that_matter(plan) == (7, 8)
