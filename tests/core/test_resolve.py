"""What is desired at one instant: windows, share sets, and names nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from reconciler.core.declared import DeclaredShare, Reference, Window
from reconciler.core.desired import DesiredCollection
from reconciler.core.model import Permission
from reconciler.core.observed import LookupFailed, Memory, Person, Sightings
from reconciler.core.resolve import owners, references
from tests.builders import (
    EDIT,
    NOW,
    VIEW,
    address,
    by_id,
    declare,
    desire,
    entry,
    group,
    group_named,
    live,
    observe,
    share,
    user,
)

ANA, BEN = user(2), user(3)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
OPEN = Window(NOW - HOUR, NOW + HOUR)
CLOSED = Window(NOW - 2 * HOUR, NOW - HOUR)
FUTURE = Window(NOW + HOUR, NOW + 2 * HOUR)
SEEN = Sightings({2: Person(2, "Ana", "ana@x.edu")})


def resolved(
    *lines: DeclaredShare,
    sets: Mapping[str, Sequence[DeclaredShare]] | None = None,
    found: Mapping[str, LookupFailed] | None = None,
) -> DesiredCollection:
    one = entry(*lines, share_sets=tuple(sets or ()))
    state = desire(declare(one, share_sets=sets), observe(live()), seen=SEEN, found=found)
    return state.collections[0]


WINDOWS = [
    pytest.param(Window(), True, False, id="always"),
    pytest.param(Window(NOW, None), True, False, id="opens-this-instant"),
    pytest.param(Window(NOW + TICK, None), False, False, id="opens-the-next"),
    pytest.param(Window(None, NOW + TICK), True, False, id="closes-the-next"),
    pytest.param(Window(None, NOW), False, True, id="closes-this-instant"),
    pytest.param(CLOSED, False, True, id="over"),
    pytest.param(FUTURE, False, False, id="not-yet"),
]


@pytest.mark.parametrize(("window", "desired", "closed"), WINDOWS)
def test_a_share_outside_its_window_is_not_desired(
    window: Window, desired: bool, closed: bool
) -> None:
    one = resolved(share(ANA, window=window))

    assert (ANA in one.shares) is desired
    assert (ANA in one.closed) is closed


def test_a_share_whose_window_is_over_but_which_another_line_desires_is_not_closed() -> None:
    one = resolved(share(ANA, window=CLOSED), share(ANA, EDIT, window=OPEN, line=51))

    assert one.shares[ANA].permission is EDIT
    assert one.closed == {}
    assert one.contested == {}


LISTS = [
    pytest.param([share(ANA, VIEW)], {"a": [share(ANA, EDIT)]}, VIEW, None, id="direct-wins"),
    pytest.param([], {"a": [share(ANA, EDIT)]}, EDIT, "a", id="a-set-alone"),
    pytest.param(
        [], {"a": [share(ANA, VIEW)], "b": [share(ANA, EDIT)]}, EDIT, "b", id="stronger-set-later"
    ),
    pytest.param(
        [], {"a": [share(ANA, EDIT)], "b": [share(ANA, VIEW)]}, EDIT, "a", id="stronger-set-first"
    ),
    pytest.param(
        [], {"a": [share(ANA, VIEW)], "b": [share(ANA, VIEW)]}, VIEW, "a", id="equal-sets"
    ),
    pytest.param(
        [share(ANA, EDIT, window=CLOSED)], {"a": [share(ANA, VIEW)]}, VIEW, "a",
        id="a-direct-share-that-is-over-overrides-nothing",
    ),
    pytest.param(
        [share(ANA, VIEW, window=FUTURE)], {"a": [share(ANA, EDIT)]}, EDIT, "a",
        id="nor-does-one-yet-to-come",
    ),
    pytest.param(
        [share(address("ANA@x.edu"), VIEW)], {"a": [share(ANA, EDIT)]}, VIEW, None,
        id="direct-wins-by-another-name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("direct", "sets", "permission", "taken_from"), LISTS)
def test_which_list_prevails(
    direct: list[DeclaredShare],
    sets: Mapping[str, Sequence[DeclaredShare]],
    permission: Permission,
    taken_from: str | None,
) -> None:
    one = resolved(*direct, sets=sets)

    assert one.shares[ANA].permission is permission
    assert one.shares[ANA].share_set == taken_from
    assert one.contested == {}


def test_one_person_by_two_names_in_one_list_is_contested_with_both_lines() -> None:
    one = resolved(share(ANA, VIEW, line=50), share(address("ana@x.edu"), EDIT, line=60))

    assert set(one.contested) == {ANA}
    assert "config.yaml:50" in one.contested[ANA]
    assert "config.yaml:60" in one.contested[ANA]


def test_a_person_contested_in_a_set_is_settled_by_a_direct_share() -> None:
    twice = [share(ANA, VIEW), share(address("ana@x.edu"), EDIT)]

    assert set(resolved(sets={"a": twice}).contested) == {ANA}
    assert resolved(share(ANA), sets={"a": twice}).contested == {}


def test_two_names_of_one_person_are_no_quarrel_while_only_one_is_in_its_window() -> None:
    one = resolved(share(ANA), share(address("ana@x.edu"), EDIT, window=FUTURE))

    assert one.contested == {}
    assert one.shares[ANA].permission is VIEW


def test_user_7_is_not_group_7() -> None:
    one = resolved(share(user(7), VIEW), share(group(7), EDIT))

    assert {who: each.permission for who, each in one.shares.items()} == {
        user(7): VIEW,
        group(7): EDIT,
    }
    assert one.contested == {}


DOUBTS = [
    pytest.param(address("new@x.edu"), Window(), 1, id="an-address"),
    pytest.param(group_named("Faculty"), Window(), 1, id="a-group"),
    pytest.param(address("new@x.edu"), CLOSED, 0, id="whose-window-is-over"),
    pytest.param(address("new@x.edu"), FUTURE, 0, id="whose-window-is-to-come"),
    pytest.param(by_id(user(999)), Window(), 0, id="a-number-is-never-in-doubt"),
]


@pytest.mark.parametrize(("who", "window", "doubts"), DOUBTS)
def test_a_name_that_is_nobody_is_kept_with_its_place(
    who: Reference, window: Window, doubts: int
) -> None:
    one = resolved(share(who, line=77, window=window))

    assert [(each.who, each.source.line) for each in one.unresolved] == [(who, 77)] * doubts


def test_a_doubtful_line_of_a_set_is_told_once_however_many_take_it() -> None:
    sets = {"a": [share(address("new@x.edu"), line=8)]}
    entries = [entry(name=name, share_sets=["a"]) for name in ("One", "Two")]
    state = desire(declare(*entries, share_sets=sets), observe(live(5, "One"), live(6, "Two")))

    assert [each.code for each in state.notices] == ["unresolved-user"]
    assert all(len(each.unresolved) == 1 for each in state.collections)


def test_an_ambiguous_name_is_told_with_its_candidates() -> None:
    people = Sightings({id: Person(id, None, "twin@x.edu") for id in (5, 6)})
    state = desire(declare(entry(share(address("twin@x.edu")))), observe(live()), seen=people)

    (notice,) = state.notices
    assert notice.code == "ambiguous-user"
    assert "5, 6" in notice.message


def test_a_search_that_failed_is_doubt_and_not_absence() -> None:
    one = resolved(share(address("new@x.edu")), found={"new@x.edu": LookupFailed("503")})

    assert "503" in one.unresolved[0].detail


EMPTY = [
    pytest.param([], {}, True, id="nothing"),
    pytest.param([], {"a": []}, True, id="an-empty-set"),
    pytest.param([share(ANA)], {}, False, id="a-line"),
    pytest.param([], {"a": [share(ANA)]}, False, id="a-set's-line"),
    pytest.param([share(ANA, window=CLOSED)], {}, False, id="a-line-that-is-over"),
    pytest.param([share(address("new@x.edu"))], {}, False, id="a-line-that-is-nobody"),
]


@pytest.mark.parametrize(("lines", "sets", "expected"), EMPTY)
def test_a_list_is_empty_when_nothing_is_written(
    lines: list[DeclaredShare], sets: Mapping[str, Sequence[DeclaredShare]], expected: bool
) -> None:
    assert resolved(*lines, sets=sets).written_empty is expected


def moved(
    who: Reference, remembered: Mapping[str, int], users: Mapping[str, int] | None = None
) -> set[str]:
    declared = declare(entry(share(who)), users=users)
    memory = Memory(addresses=remembered)
    state = desire(declared, observe(live()), seen=SEEN, memory=memory)
    return {str(principal) for principal in state.moved}


MOVED = [
    pytest.param(address("Ana@x.edu"), {"ana@x.edu": 9}, {}, {"user:2", "user:9"}, id="moved"),
    pytest.param(address("Ana@x.edu"), {"ana@x.edu": 2}, {}, set(), id="the-same"),
    pytest.param(address("Ana@x.edu"), {}, {}, set(), id="not-remembered"),
    pytest.param(address("ana@x.edu"), {"ana@x.edu": 9}, {"ana@x.edu": 5}, set(), id="written"),
    pytest.param(address("new@x.edu"), {"new@x.edu": 9}, {}, set(), id="now-nobody"),
    pytest.param(by_id(ANA), {"ana@x.edu": 9}, {}, set(), id="a-number"),
]


@pytest.mark.parametrize(("who", "remembered", "users", "expected"), MOVED)
def test_an_address_that_belongs_to_another_id_than_is_remembered(
    who: Reference, remembered: Mapping[str, int], users: Mapping[str, int], expected: set[str]
) -> None:
    assert moved(who, remembered, users) == expected


def test_every_principal_that_entries_name_is_referred_to() -> None:
    ada = address("ada@x.edu")
    one = entry(share(ANA), owner=ada, share_sets=["a"])
    two = entry(share(BEN), name="Pinned", owner=ada, id=5)
    declared = declare(one, two, share_sets={"a": [share(group(7))], "unused": [share(user(8))]})

    assert list(references([one, two], declared)) == [
        ada, by_id(ANA), by_id(group(7)), ada, by_id(BEN),
    ]  # fmt: skip
    assert list(owners([one, two])) == [ada]


def test_two_addresses_that_changed_places_are_both_told() -> None:
    people = Sightings({2: Person(2, None, "ana@x.edu"), 3: Person(3, None, "ben@x.edu")})
    declared = declare(entry(share(address("ana@x.edu")), share(address("ben@x.edu"))))
    memory = Memory(addresses={"ana@x.edu": 3, "ben@x.edu": 2})
    moved = desire(declared, observe(live()), seen=people, memory=memory).moved

    assert moved.keys() == {ANA, BEN}
    assert all("ana@x.edu" in text and "ben@x.edu" in text for text in moved.values())
