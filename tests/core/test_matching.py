"""Which live collection an entry is, and when it is none, several, or to be created."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.core.declared import DeclaredCollection, collection_key
from reconciler.core.desired import Met, Target, ToCreate, Unmet
from reconciler.core.directory import directory
from reconciler.core.matching import Matches, libraries_to_list, match, unlisted
from reconciler.core.model import Status
from reconciler.core.observed import (
    Absent,
    Kind,
    Memory,
    ObservedState,
    Person,
    Sightings,
    Unreadable,
)
from tests.builders import ME, address, by_id, declare, entry, listing, live, observe, user

ADA, BOB = 101, 102
BY_ADA = by_id(user(ADA))
REMEMBERED = {"Biology 101": 5}


def match_all(
    *entries: DeclaredCollection,
    seen: ObservedState,
    remembered: Mapping[str, int] | None = None,
    people: Sightings | None = None,
) -> Matches:
    who = directory(declare(*entries), people or Sightings())
    return match(entries, seen, who, Memory(collections=remembered or {}))


def target(
    one: DeclaredCollection, seen: ObservedState, remembered: Mapping[str, int] | None = None
) -> Target:
    return match_all(one, seen=seen, remembered=remembered).targets[0]


MET = [
    pytest.param(entry(), observe(live(5)), {}, Met(5), id="by-name"),
    pytest.param(entry(owner=BY_ADA), observe(live(5, owner=ADA)), {}, Met(5), id="and-owner"),
    pytest.param(
        entry(owner=BY_ADA), observe(live(5, owner=ADA), live(6, owner=BOB)), {}, Met(5),
        id="another-owner's-of-that-name-is-another",
    ),
    pytest.param(
        entry(), observe(live(5), live(6, archived=True)), {}, Met(5), id="beside-an-archived-one"
    ),
    pytest.param(
        entry(), observe(live(5), live(6, kind=Kind.USER)), {}, Met(5), id="beside-a-my-library"
    ),
    pytest.param(entry(id=6), observe(live(5), live(6, "X")), {}, Met(6), id="pinned"),
    pytest.param(
        entry(id=6), observe(live(6, kind=Kind.COURSE_WIDE)), {}, Met(6), id="a-course's-by-id"
    ),
    pytest.param(entry(id=6), observe(live(6, kind=Kind.USER)), {}, Met(6), id="my-library-by-id"),
    pytest.param(
        entry(id=6), observe(gap="half", pinned={6: live(6)}), {}, Met(6), id="pinned-and-asked-for"
    ),
    pytest.param(
        entry(), observe(live(5, "Renamed")), REMEMBERED, Met(5), id="renamed-by-somebody"
    ),
    pytest.param(
        entry(), observe(pinned={5: live(5, "Renamed")}), REMEMBERED, Met(5),
        id="renamed-and-out-of-the-listing",
    ),
    pytest.param(entry(), observe(live(5), gap="half"), {}, Met(5, sure=False), id="not-sure"),
    pytest.param(
        entry(), observe(live(5), gap="half"), REMEMBERED, Met(5), id="sure-for-it-is-remembered"
    ),
    pytest.param(
        entry(owner=BY_ADA),
        observe(libraries={ADA: listing(live(5, owner=ADA))}),
        {},
        Met(5),
        id="in-its-owner's-library",
    ),
    pytest.param(
        entry(owner=BY_ADA),
        observe(libraries={ADA: listing(live(5, owner=ADA), gap="half")}),
        {},
        Met(5, sure=False),
        id="not-sure-in-half-a-library",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "seen", "remembered", "expected"), MET)
def test_an_entry_that_is_a_live_collection(
    one: DeclaredCollection, seen: ObservedState, remembered: Mapping[str, int], expected: Met
) -> None:
    assert target(one, seen, remembered) == expected


UNMET = [
    pytest.param(entry(), observe(live(5), live(6)), {}, Status.AMBIGUOUS, id="two-of-one-name"),
    pytest.param(
        entry(owner=BY_ADA), observe(live(5, owner=ADA), live(6, owner=None)), {},
        Status.AMBIGUOUS, id="one-of-them-of-nobody-knows-whom",
    ),
    pytest.param(
        entry(owner=BY_ADA), observe(live(6, owner=None)), {}, Status.AMBIGUOUS,
        id="an-owner-nobody-knows-is-not-taken-for-ours",
    ),
    pytest.param(entry(), observe(live(5, archived=True)), {}, Status.IGNORED, id="archived"),
    pytest.param(
        entry(id=5), observe(live(5, archived=True)), {}, Status.IGNORED, id="archived-and-pinned"
    ),
    pytest.param(
        entry(), observe(live(5, "Renamed", archived=True)), REMEMBERED, Status.IGNORED,
        id="archived-and-renamed",
    ),
    pytest.param(entry(id=5), observe(), {}, Status.UNREADABLE, id="pinned-not-listed"),
    pytest.param(
        entry(id=5), observe(pinned={5: Absent("404")}), {}, Status.UNREADABLE, id="not-there"
    ),
    pytest.param(
        entry(id=5), observe(pinned={5: Unreadable("503")}), {}, Status.UNREADABLE,
        id="pinned-not-answered",
    ),
    pytest.param(
        entry(), observe(pinned={5: Unreadable("503")}), REMEMBERED, Status.UNREADABLE,
        id="remembered-not-answered",
    ),
    pytest.param(
        entry(), observe(), REMEMBERED, Status.UNREADABLE, id="remembered-and-never-asked-for"
    ),
    pytest.param(
        entry(owner=address("who@x.edu")), observe(live(5)), {}, Status.AMBIGUOUS,
        id="owner-not-known-and-one-of-that-name",
    ),
    pytest.param(
        entry(owner=address("who@x.edu")), observe(), {}, Status.MISSING, id="owner-not-known"
    ),
    pytest.param(
        entry(), observe(live(6), pinned={5: live(5)}), REMEMBERED, Status.AMBIGUOUS,
        id="the-remembered-one-and-a-new-one",
    ),
    pytest.param(
        entry(), observe(live(5, "Renamed"), live(6)), REMEMBERED, Status.AMBIGUOUS,
        id="the-remembered-one-renamed-beside-a-new-one-of-its-name",
    ),
    pytest.param(
        entry(), observe(live(5, kind=Kind.COURSE_WIDE)), {}, Status.IGNORED, id="only-a-course's"
    ),
    pytest.param(
        entry(), observe(live(5, kind=Kind.USER)), {}, Status.IGNORED, id="only-a-my-library"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "seen", "remembered", "expected"), UNMET)
def test_an_entry_that_is_left_alone(
    one: DeclaredCollection, seen: ObservedState, remembered: Mapping[str, int], expected: Status
) -> None:
    answer = target(one, seen, remembered)

    assert isinstance(answer, Unmet)
    assert answer.status is expected
    assert answer.reason


NAMESAKES = [
    pytest.param(entry(), observe(live(5, "Old", archived=True), live(6)), id="archived"),
    pytest.param(entry(), observe(live(5, "Old", kind=Kind.USER), live(6)), id="a-my-library"),
    pytest.param(
        entry(owner=BY_ADA),
        observe(live(5, "Old", owner=BOB), live(6, owner=ADA)),
        id="handed-to-another-owner",
    ),
]


@pytest.mark.parametrize(("one", "seen"), NAMESAKES)
def test_a_remembered_one_that_is_out_of_question_leaves_its_namesake_the_match(
    one: DeclaredCollection, seen: ObservedState
) -> None:
    assert target(one, seen, {collection_key(one): 5}) == Met(6)


CREATED = [
    pytest.param(entry(), observe(), {}, ToCreate(None), id="nothing-of-that-name"),
    pytest.param(entry(owner=BY_ADA), observe(), {}, ToCreate(ADA), id="for-its-owner"),
    pytest.param(
        entry(owner=BY_ADA), observe(live(6, owner=BOB)), {}, ToCreate(ADA), id="another-owner's"
    ),
    pytest.param(entry(), observe(live(5, "biology 101")), {}, ToCreate(None), id="another-case"),
    pytest.param(entry(), observe(live(5, None)), {}, ToCreate(None), id="a-nameless-one"),
    pytest.param(
        entry(owner=BY_ADA),
        observe(live(5, owner=BOB, kind=Kind.COURSE_WIDE)),
        {},
        ToCreate(ADA),
        id="beside-a-course's-of-another-owner",
    ),
    pytest.param(
        entry(), observe(pinned={5: Absent("404")}), REMEMBERED, ToCreate(None),
        id="remembered-and-gone",
    ),
    pytest.param(
        entry(), observe(live(5, "Course", kind=Kind.COURSE_WIDE)), REMEMBERED, ToCreate(None),
        id="remembered-from-when-a-course's-was-pinned",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "seen", "remembered", "expected"), CREATED)
def test_an_entry_that_is_to_be_created(
    one: DeclaredCollection, seen: ObservedState, remembered: Mapping[str, int], expected: ToCreate
) -> None:
    assert target(one, seen, remembered) == expected


MEETING = [
    pytest.param(entry(line=3), entry(line=9, id=5), id="by-name-and-by-id"),
    pytest.param(entry(line=3), entry(line=9, owner=BY_ADA), id="by-name-and-by-owner"),
    pytest.param(entry(line=3, id=5, name="A"), entry(line=9, id=5, name="B"), id="two-pins"),
]


@pytest.mark.parametrize(("first", "second"), MEETING)
def test_two_entries_that_are_one_collection_are_left_alone_with_both_lines(
    first: DeclaredCollection, second: DeclaredCollection
) -> None:
    targets = match_all(first, second, seen=observe(live(5, owner=ADA))).targets

    for each in targets:
        assert isinstance(each, Unmet)
        assert each.status is Status.AMBIGUOUS
        assert "config.yaml:3" in each.reason
        assert "config.yaml:9" in each.reason


@pytest.mark.parametrize(("asked", "beside"), MEETING)
def test_an_entry_that_nobody_asks_about_now_claims_its_collection_too(
    asked: DeclaredCollection, beside: DeclaredCollection
) -> None:
    who = directory(declare(asked, beside), Sightings())
    (met,) = match([asked], observe(live(5, owner=ADA)), who, Memory(), [beside]).targets

    assert isinstance(met, Unmet)
    assert met.status is Status.AMBIGUOUS
    assert "config.yaml:3 and config.yaml:9" in met.reason


def test_a_new_one_is_not_kept_from_its_name_by_entries_nobody_asks_about() -> None:
    asked, beside = entry(line=3, owner=BY_ADA), entry(line=9, owner=by_id(user(BOB)))
    who = directory(declare(asked, beside), Sightings())

    assert match([asked], observe(), who, Memory(), [beside]).targets == (ToCreate(ADA),)


def test_two_new_ones_of_one_name_are_left_alone() -> None:
    both = match_all(entry(line=3), entry(line=9, owner=BY_ADA), seen=observe())

    assert all(isinstance(each, Unmet) for each in both.targets)


def test_two_new_ones_of_one_name_for_two_owners_are_two() -> None:
    other = by_id(user(BOB))
    both = match_all(entry(line=3, owner=other), entry(line=9, owner=BY_ADA), seen=observe())

    assert both.targets == (ToCreate(BOB), ToCreate(ADA))


def test_one_owner_by_two_names_does_not_make_two_collections() -> None:
    people = Sightings({ADA: Person(ADA, "Ada", "ada@x.edu")})
    both = match_all(
        entry(line=3, owner=BY_ADA),
        entry(line=9, owner=address("ada@x.edu")),
        seen=observe(),
        people=people,
    )

    assert all(isinstance(each, Unmet) for each in both.targets)


NOTICES = [
    pytest.param(entry(), observe(live(5)), {}, [], id="a-match-needs-no-word"),
    pytest.param(entry(), observe(), {}, [], id="nor-does-a-creation"),
    pytest.param(entry(create=False), observe(), {}, ["collection-missing"], id="missing"),
    pytest.param(entry(), observe(live(5, "X")), REMEMBERED, ["collection-renamed"], id="renamed"),
    pytest.param(entry(id=5), observe(live(5, "X")), {}, ["collection-renamed"], id="other-name"),
    pytest.param(entry(), observe(live(5), live(6)), {}, ["collection-ambiguous"], id="ambiguous"),
    pytest.param(
        entry(), observe(live(5, archived=True)), {}, ["collection-ignored"], id="archived"
    ),
    pytest.param(entry(id=5), observe(), {}, ["collection-unreadable"], id="unreadable"),
]


@pytest.mark.parametrize(("one", "seen", "remembered", "codes"), NOTICES)
def test_what_is_told_of_a_match(
    one: DeclaredCollection, seen: ObservedState, remembered: Mapping[str, int], codes: list[str]
) -> None:
    notices = match_all(one, seen=seen, remembered=remembered).notices

    assert [each.code for each in notices] == codes
    assert all(each.source == one.source for each in notices)


def test_a_renamed_collection_is_told_with_the_id_to_pin() -> None:
    (notice,) = match_all(entry(), seen=observe(live(5, "X")), remembered=REMEMBERED).notices

    assert "id: 5" in notice.message


UNLISTED = [
    pytest.param(entry(id=5), {}, (5,), id="pinned"),
    pytest.param(entry(id=6), {}, (), id="pinned-and-listed"),
    pytest.param(entry(), {}, (), id="by-name"),
    pytest.param(entry(), REMEMBERED, (5,), id="remembered"),
    pytest.param(entry(), {"Biology 101": 6}, (), id="remembered-and-listed"),
    pytest.param(
        entry(name="Other"), {"Other": 5}, (5,), id="remembered-though-another-has-its-name"
    ),
    pytest.param(
        entry(owner=BY_ADA), {f"Biology 101\0{BY_ADA.key}": 5}, (5,), id="remembered-by-owner"
    ),
    pytest.param(entry(owner=BY_ADA), REMEMBERED, (), id="remembered-without-an-owner-is-another"),
]


@pytest.mark.parametrize(("one", "remembered", "expected"), UNLISTED)
def test_what_is_asked_for_because_the_listing_does_not_show_it(
    one: DeclaredCollection, remembered: Mapping[str, int], expected: tuple[int, ...]
) -> None:
    shown = listing(live(6, "Other"))

    assert unlisted([one], shown, Memory(collections=remembered)) == expected


def test_only_the_libraries_of_other_owners_of_what_is_to_be_created_are_listed() -> None:
    seen = observe(libraries={BOB: listing()})
    targets = (ToCreate(ADA), ToCreate(ME), ToCreate(None), ToCreate(BOB), Met(5), ToCreate(ADA))

    assert libraries_to_list(targets, seen) == (ADA,)


def test_what_entries_met_is_read_once_each() -> None:
    assert Matches((Met(6), ToCreate(None), Met(5))).met() == (5, 6)
