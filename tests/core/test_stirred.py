"""What counts as having happened to an entry since it was last read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reconciler.core.declared import Declarations, DeclaredCollection, DeclaredShare, Window
from reconciler.core.model import Mode
from reconciler.core.observed import LiveCollection
from reconciler.core.stirred import crossed, edited, moved, relisted
from reconciler.core.sweep import EntryKey, Reading, entry_key
from reconciler.errors import Location
from tests.builders import (
    EDIT,
    NOW,
    address,
    declare,
    entry,
    group_named,
    listing,
    live,
    planned,
    share,
    user,
)

HOUR = timedelta(hours=1)
ANA = address("Ana@school.edu")
BIOLOGY = entry(share(ANA), name="Biology", line=10, share_sets=["staff"])
BOTANY = entry(
    share(group_named("Faculty")), name="Botany", line=20, owner=address("ben@school.edu")
)
ZOOLOGY = entry(share(user(7)), name="Zoology", line=30, id=4713)
STAFF = (share(user(5), line=5),)
FILE = declare(
    BIOLOGY,
    BOTANY,
    ZOOLOGY,
    share_sets={"staff": STAFF, "others": STAFF},
    users={"somebody@school.edu": 9},
    groups={"Faculty": 7},
)


def with_biology(**changed: object) -> Declarations:
    other = replace(BIOLOGY, **changed)  # type: ignore[arg-type]
    return replace(FILE, collections=(other, BOTANY, ZOOLOGY))


def names(keys: object) -> list[str]:
    assert isinstance(keys, frozenset | set | list)
    return sorted(key[0].partition("\0")[0] for key in keys)


LATER = Window(closes=NOW + HOUR)
EDITS = [
    pytest.param(with_biology(mode=Mode.ADDITIVE), ["Biology"], id="mode"),
    pytest.param(with_biology(allow_empty=True), ["Biology"], id="allow_empty"),
    pytest.param(with_biology(create=False), ["Biology"], id="create"),
    pytest.param(with_biology(owner=ANA), ["Biology"], id="owner"),
    pytest.param(with_biology(id=4711), ["Biology"], id="id"),
    pytest.param(with_biology(name="Biology 2"), ["Biology 2"], id="name"),
    pytest.param(with_biology(share_sets=()), ["Biology"], id="sets-taken"),
    pytest.param(with_biology(shares=()), ["Biology"], id="a-line-less"),
    pytest.param(with_biology(shares=(share(ANA, EDIT),)), ["Biology"], id="permission"),
    pytest.param(with_biology(shares=(share(ANA, window=LATER),)), ["Biology"], id="window"),
    pytest.param(with_biology(shares=(share(ANA, reason="guest"),)), ["Biology"], id="reason"),
    pytest.param(
        replace(FILE, share_sets={"staff": (), "others": STAFF}), ["Biology"], id="a-set-it-takes"
    ),
    pytest.param(
        replace(FILE, share_sets={"staff": STAFF, "others": ()}), [], id="a-set-nobody-takes"
    ),
    pytest.param(
        replace(FILE, users={**FILE.users, "ana@school.edu": 3}), ["Biology"], id="an-address"
    ),
    pytest.param(
        replace(FILE, users={**FILE.users, "ben@school.edu": 3}),
        ["Botany"],
        id="an-owner-s-address",
    ),
    pytest.param(replace(FILE, users={}), [], id="an-address-nobody-uses"),
    pytest.param(replace(FILE, groups={"Faculty": 8}), ["Botany"], id="a-group-that-is-another"),
    pytest.param(replace(FILE, groups={}), ["Botany"], id="a-group-no-longer-written"),
    pytest.param(replace(FILE, collections=(BOTANY, ZOOLOGY)), [], id="an-entry-less"),
    pytest.param(replace(FILE, collections=(ZOOLOGY, BOTANY, BIOLOGY)), [], id="another-order"),
    pytest.param(
        replace(FILE, collections=(*FILE.collections, entry(name="Art"))), ["Art"], id="a-new-one"
    ),
]


@pytest.mark.parametrize(("after", "touched"), EDITS)
def test_an_edit_touches_whom_it_concerns(after: Declarations, touched: list[str]) -> None:
    assert names(edited(FILE, after)) == touched


def elsewhere(place: Location) -> Location:
    return Location("collections/all.yaml", place.line + 7, place.column)


def moved_share(line: DeclaredShare) -> DeclaredShare:
    return replace(line, source=elsewhere(line.source))


def moved_entry(each: DeclaredCollection) -> DeclaredCollection:
    return replace(each, source=elsewhere(each.source), shares=tuple(map(moved_share, each.shares)))


def test_lines_that_only_stand_elsewhere_touch_nothing() -> None:
    sets = {name: tuple(map(moved_share, lines)) for name, lines in FILE.share_sets.items()}
    after = replace(FILE, collections=tuple(map(moved_entry, FILE.collections)), share_sets=sets)

    assert edited(FILE, after) == frozenset()
    assert edited(FILE, FILE) == frozenset()


def test_a_line_is_followed_to_where_it_stands_as_long_as_its_list_says_the_same() -> None:
    other = replace(moved_entry(BOTANY), shares=())
    after = replace(FILE, collections=(moved_entry(BIOLOGY), other), share_sets={"staff": STAFF})

    assert moved(FILE, after) == {
        BIOLOGY.shares[0].source: elsewhere(BIOLOGY.shares[0].source),
        STAFF[0].source: STAFF[0].source,
    }
    assert moved(FILE, FILE) == {}


def read_at(when: datetime, *entries: DeclaredCollection) -> dict[EntryKey, Reading]:
    return {entry_key(each): Reading(when, planned(id=each.id or 4711), True) for each in entries}


BOUNDARIES = [
    pytest.param(Window(opens=NOW), ["Biology"], id="opens-now"),
    pytest.param(Window(closes=NOW - HOUR), ["Biology"], id="closed-since"),
    pytest.param(Window(opens=NOW - 2 * HOUR), [], id="opened-as-it-was-read"),
    pytest.param(Window(opens=NOW + HOUR, closes=NOW + 2 * HOUR), [], id="still-to-come"),
]


@pytest.mark.parametrize(("window", "expected"), BOUNDARIES)
@pytest.mark.parametrize("in_a_set", [False, True], ids=["own-line", "share-set"])
def test_a_window_that_opens_or_closes_touches_who_has_it(
    window: Window, expected: list[str], in_a_set: bool
) -> None:
    line = share(user(5), window=window)
    own = entry(*(() if in_a_set else (line,)), name="Biology", share_sets=["set"])
    file = declare(own, ZOOLOGY, share_sets={"set": (line,) if in_a_set else ()})

    assert names([*crossed(file, read_at(NOW - 2 * HOUR, own, ZOOLOGY), NOW)]) == expected


def test_of_what_was_never_read_no_window_is_told() -> None:
    own = entry(share(user(5), window=Window(opens=NOW)), name="Biology")

    assert [*crossed(declare(own), {}, NOW)] == []


Listed = Callable[[LiveCollection], LiveCollection | None]
LISTINGS = [
    pytest.param(lambda each: each, [], id="as-before"),
    pytest.param(lambda _: None, ["Biology"], id="gone"),
    pytest.param(lambda each: replace(each, name="Biology II"), ["Biology"], id="renamed"),
    pytest.param(lambda each: replace(each, archived=True), ["Biology"], id="archived"),
    pytest.param(lambda each: replace(each, owner_id=5), ["Biology"], id="another-owner"),
]


@pytest.mark.parametrize(("then", "expected"), LISTINGS)
def test_a_collection_that_is_listed_otherwise_is_touched(
    then: Listed, expected: list[str]
) -> None:
    before, other = live(4711, "Biology"), live(4713, "Zoology")
    after = [each for each in (then(before), other) if each is not None]
    readings = read_at(NOW, BIOLOGY, ZOOLOGY)

    told = relisted((BIOLOGY, ZOOLOGY), readings, listing(before, other), listing(*after))

    assert names([*told]) == expected


def test_a_namesake_touches_who_goes_by_name_alone() -> None:
    before = (live(4711, "Biology"), live(4713, "Zoology"))
    new = (live(5001, "Biology"), live(5003, "Zoology"))
    readings = read_at(NOW, BIOLOGY, ZOOLOGY)

    told = relisted((BIOLOGY, ZOOLOGY), readings, listing(*before), listing(*before, *new))

    assert names([*told]) == ["Biology"]
