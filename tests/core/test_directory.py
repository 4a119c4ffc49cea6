"""Who a name means: the file's word first, then who was seen, then who was found."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.core.declared import Reference
from reconciler.core.directory import Directory, NotOne, directory, merge
from reconciler.core.model import Principal
from reconciler.core.observed import Found, LookupFailed, Person, Sightings
from tests.builders import address, by_id, declare, group, group_named, user

GRACE = "grace@school.edu"
NOBODY = Sightings()


def know(
    *people: Person,
    groups: Mapping[int, str | None] | None = None,
    found: Mapping[str, Found] | None = None,
    written_users: Mapping[str, int] | None = None,
    written_groups: Mapping[str, int] | None = None,
) -> Directory:
    declared = declare(users=written_users, groups=written_groups)
    return directory(declared, Sightings({each.id: each for each in people}, groups or {}), found)


SEEN = Person(2, "Grace", GRACE)
CASES = [
    pytest.param(know(written_users={GRACE: 9}), address(GRACE), user(9), id="written"),
    pytest.param(
        know(SEEN, written_users={GRACE: 9}), address(GRACE), user(9), id="written-before-seen"
    ),
    pytest.param(
        know(SEEN, found={GRACE: (Person(3, None, GRACE),)}),
        address(GRACE),
        user(2),
        id="seen-before-found",
    ),
    pytest.param(know(found={GRACE: (SEEN,)}), address(GRACE), user(2), id="found"),
    pytest.param(know(SEEN), address("Grace@School.EDU"), user(2), id="case-does-not-matter"),
    pytest.param(
        know(Person(2, None, "GRACE@school.edu")), address(GRACE), user(2), id="nor-in-studio"
    ),
    pytest.param(know(groups={7: "Faculty"}), group_named("Faculty"), group(7), id="group-seen"),
    pytest.param(
        know(groups={7: "Faculty"}, written_groups={"Faculty": 8}),
        group_named("Faculty"),
        group(8),
        id="group-written-before-seen",
    ),
    pytest.param(know(), by_id(user(12)), user(12), id="a-user-number-is-not-looked-up"),
    pytest.param(know(), by_id(group(12)), group(12), id="a-group-number-is-not-looked-up"),
]


@pytest.mark.parametrize(("who", "reference", "expected"), CASES)
def test_a_name_that_is_one_principal(
    who: Directory, reference: Reference, expected: Principal
) -> None:
    assert who.resolve(reference) == expected


UNKNOWN = [
    pytest.param(know(), address(GRACE), (), id="nobody"),
    pytest.param(know(found={GRACE: ()}), address(GRACE), (), id="searched-and-nobody"),
    pytest.param(know(found={GRACE: LookupFailed("503")}), address(GRACE), (), id="search-failed"),
    pytest.param(
        know(SEEN, Person(3, None, GRACE)), address(GRACE), (2, 3), id="two-seen-of-one-address"
    ),
    pytest.param(
        know(found={GRACE: (Person(3), Person(2))}), address(GRACE), (2, 3), id="two-found"
    ),
    pytest.param(know(), group_named("Faculty"), (), id="no-such-group"),
    pytest.param(
        know(groups={8: "Faculty", 7: "Faculty"}), group_named("Faculty"), (7, 8), id="two-groups"
    ),
    pytest.param(
        know(groups={7: "faculty"}), group_named("Faculty"), (), id="groups-compare-exactly"
    ),
    pytest.param(
        know(groups={7: GRACE}), address(GRACE), (), id="a-group-is-no-user-of-that-address"
    ),
]


@pytest.mark.parametrize(("who", "reference", "candidates"), UNKNOWN)
def test_a_name_that_is_nobody_or_several_is_never_guessed(
    who: Directory, reference: Reference, candidates: tuple[int, ...]
) -> None:
    answer = who.resolve(reference)

    assert isinstance(answer, NotOne)
    assert answer.candidates == candidates


def test_only_addresses_that_nothing_tells_are_searched_for() -> None:
    who = know(SEEN, found={"lost@x.edu": LookupFailed("503")}, written_users={"w@x.edu": 4})
    asked = map(address, (GRACE.upper(), "lost@x.edu", "w@x.edu", "New@x.edu", "a@x.edu"))

    assert who.unknown_addresses((*asked, group_named("Faculty"), by_id(user(1)))) == (
        "a@x.edu",
        "new@x.edu",
    )


LABELS = [
    pytest.param(know(SEEN), user(2), "written", GRACE, id="the-address"),
    pytest.param(know(Person(2, "Grace")), user(2), "written", "written", id="the-written-words"),
    pytest.param(know(Person(2, "Grace")), user(2), None, "Grace", id="the-name"),
    pytest.param(know(), user(2), None, "user:2", id="the-number"),
    pytest.param(know(groups={2: "Faculty"}), group(2), None, "Faculty", id="the-group's-name"),
    pytest.param(know(groups={2: None}), group(2), None, "group:2", id="the-group's-number"),
    pytest.param(
        know(Person(2, "Grace"), found={GRACE: (SEEN,)}), user(2), None, GRACE,
        id="an-address-that-only-a-search-told",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("who", "principal", "written", "expected"), LABELS)
def test_what_somebody_is_called(
    who: Directory, principal: Principal, written: str | None, expected: str
) -> None:
    assert who.label(principal, written) == expected


def test_who_was_seen_without_what_names_them_is_nameless() -> None:
    who = know(
        SEEN, Person(3, "Kim"), Person(4, "Lin", "lin_login"), groups={7: "Faculty", 8: None}
    )

    assert who.nameless() == {user(3), user(4), group(8)}


def test_whom_a_search_gave_an_address_is_not_nameless() -> None:
    assert know(Person(2, "Grace"), found={GRACE: (SEEN,)}).nameless() == frozenset()


def test_merging_keeps_what_tells_more() -> None:
    first = Sightings({1: Person(1, "Ada"), 2: SEEN}, {7: "Faculty", 8: None})
    second = Sightings({1: Person(1, "Ada", "ada@x.edu"), 2: Person(2)}, {7: None, 8: "Staff"})

    assert merge(first, second) == Sightings(
        {1: Person(1, "Ada", "ada@x.edu"), 2: SEEN}, {7: "Faculty", 8: "Staff"}
    )


def test_merging_nothing_is_nobody() -> None:
    assert merge() == NOBODY


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(by_id(user(1)), True, id="a-number"),
        pytest.param(address("W@x.edu"), True, id="a-written-address"),
        pytest.param(group_named("Faculty"), True, id="a-written-group"),
        pytest.param(address(GRACE), False, id="an-address-seen"),
        pytest.param(group_named("faculty"), False, id="another-group"),
    ],
)
def test_whether_the_file_itself_says_who_it_is(reference: Reference, expected: bool) -> None:
    who = know(SEEN, written_users={"w@x.edu": 4}, written_groups={"Faculty": 7})

    assert who.is_written(reference) is expected
