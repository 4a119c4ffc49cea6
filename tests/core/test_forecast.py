"""What expires soon: told once, by its true end, and only where it would truly go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import ALWAYS, DeclaredCollection, DeclaredShare, Window
from reconciler.core.diff import diff
from reconciler.core.directory import directory
from reconciler.core.document import Header, plan_document
from reconciler.core.forecast import HORIZON, forecast
from reconciler.core.model import OWNER, Level, Mode, Permission, Principal
from reconciler.core.observed import Sightings, Unreadable
from reconciler.core.plan import Expiry, Plan
from tests.builders import (
    BIOLOGY,
    EDIT,
    ME,
    NOW,
    OWNER_ID,
    VIEW,
    address,
    at,
    declare,
    desire,
    entry,
    live,
    observe,
    observe_biology,
    share,
    user,
)

ANA, BEN = user(2), user(3)
DAY = timedelta(days=1)
SOON = NOW + 8 * DAY


def until(days: float, *, opens: float | None = None) -> Window:
    first = None if opens is None else NOW + opens * DAY
    return Window(opens=first, closes=NOW + days * DAY)


def expiring(
    *entries: DeclaredCollection,
    have: Mapping[Principal, Level] | None = None,
    share_sets: Mapping[str, Sequence[DeclaredShare]] | None = None,
) -> tuple[Expiry, ...]:
    declared = declare(*entries, share_sets=share_sets)
    observed = observe_biology(have or {})
    desired = desire(declared, observed)
    who = directory(declared, Sightings())
    return forecast(desired, diff(observed, desired, who), declared, who, NOW)


def ends(told: Sequence[Expiry]) -> dict[Principal, tuple[Permission, Permission | None]]:
    return {each.principal: (each.permission, each.remaining) for each in told}


def test_a_window_that_closes_soon_is_told_with_its_line() -> None:
    (told,) = expiring(entry(share(ANA, EDIT, window=until(8), line=52), share(BEN)))

    assert told == Expiry(
        closes=SOON, collection="Biology 101", principal=ANA, who="user:2", permission=EDIT,
        source=at(52),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "is_told"),
    [(-1, False), (0, False), (0.001, True), (30, True), (30.001, False), (300, False)],
)
def test_soon_is_after_now_and_within_thirty_days(days: float, is_told: bool) -> None:
    assert timedelta(days=30) == HORIZON
    assert bool(expiring(entry(share(ANA, window=until(days))))) is is_told


def test_a_share_that_is_not_desired_yet_does_not_expire() -> None:
    assert expiring(entry(share(ANA, window=until(8, opens=2)))) == ()


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.ADDITIVE])
def test_where_the_file_takes_nothing_away_nothing_expires(mode: Mode) -> None:
    assert expiring(entry(share(ANA, window=until(8)), mode=mode), have={ANA: VIEW}) == ()


@pytest.mark.parametrize("who", [user(ME), user(OWNER_ID), ANA])
def test_what_is_never_ours_to_change_does_not_expire(who: Principal) -> None:
    have: dict[Principal, Level] = {ANA: OWNER, user(ME): VIEW, user(OWNER_ID): VIEW}

    assert expiring(entry(share(who, window=until(8))), have=have) == ()


def test_a_collection_that_could_not_be_read_is_not_foretold() -> None:
    declared = declare(entry(share(ANA, window=until(8))))
    observed = observe(live(), shares={BIOLOGY: Unreadable("503")})
    desired, who = desire(declared, observed), directory(declared, Sightings())
    plan = diff(observed, desired, who)

    assert forecast(desired, plan, declared, who, NOW) == ()


def test_a_share_that_is_still_to_be_created_expires_all_the_same() -> None:
    assert ends(expiring(entry(share(ANA, window=until(8)), name="New"))) == {ANA: (VIEW, None)}


def test_what_another_line_goes_on_to_give_does_not_expire() -> None:
    following = share(ANA, window=Window(opens=SOON), line=51)
    later = share(ANA, window=Window(opens=SOON + DAY), line=51)

    assert expiring(entry(share(ANA, window=until(8)), following)) == ()
    assert ends(expiring(entry(share(ANA, window=until(8)), later))) == {ANA: (VIEW, None)}


def test_what_a_share_set_leaves_of_it_is_told() -> None:
    sets = {"staff": [share(ANA, VIEW, line=10), share(BEN, EDIT, line=11)]}
    told = expiring(
        entry(
            share(ANA, EDIT, window=until(8)),
            share(BEN, VIEW, window=until(8)),
            share_sets=["staff"],
        ),
        share_sets=sets,
    )

    assert ends(told) == {ANA: (EDIT, VIEW)}


def test_a_set_s_share_expires_in_every_collection_that_takes_it() -> None:
    sets = {"guests": [share(ANA, window=until(8), line=10)]}
    told = expiring(
        entry(share_sets=["guests"]),
        entry(name="New", share_sets=["guests"], line=60),
        share_sets=sets,
    )

    assert [(each.collection, each.source) for each in told] == [
        ("Biology 101", at(10)),
        ("New", at(10)),
    ]


def test_an_address_that_nobody_has_is_not_foretold() -> None:
    assert expiring(entry(share(address("new@x.edu"), window=until(8)))) == ()


@given(st.permutations([(ANA, 8), (BEN, 8), (user(4), 2), (user(5), 29)]))
def test_the_soonest_comes_first_whatever_the_order_of_the_lines(
    lines: list[tuple[Principal, int]],
) -> None:
    told = expiring(entry(*(share(who, window=until(days)) for who, days in lines)))

    assert [each.principal for each in told] == [user(4), ANA, BEN, user(5)]


def test_the_document_of_a_plan_knows_nothing_of_it() -> None:
    (told,) = expiring(entry(share(ANA, window=until(8))))
    header = Header(
        id="01J", created_at=NOW, studio="https://x.test", config_path="c", config_digest="d"
    )

    assert plan_document(Plan(expiring=(told,)), header) == plan_document(Plan(), header)


WINDOWS = st.one_of(
    st.just(ALWAYS),
    st.builds(
        lambda opens, days: until(opens + days, opens=opens),
        st.integers(-3, 40),
        st.integers(1, 40),
    ),
)


@given(WINDOWS, WINDOWS)
def test_exactly_what_is_desired_now_and_less_at_its_end_is_told(
    own: Window, in_the_set: Window
) -> None:
    declared = declare(
        entry(share(ANA, EDIT, window=own), share_sets=["staff"]),
        share_sets={"staff": [share(ANA, VIEW, window=in_the_set, line=10)]},
    )
    observed, who = observe_biology({}), directory(declare(), Sightings())

    def level(days: timedelta) -> int:
        (one,) = desire(declared, observed, now=NOW + days).collections
        wanted = one.shares.get(ANA)
        return 0 if wanted is None else wanted.permission.rank + 1

    desired = desire(declared, observed)
    told = forecast(desired, diff(observed, desired, who), declared, who, NOW)

    falls = [
        NOW + day * DAY
        for day in range(1, HORIZON.days + 1)
        if level(day * DAY) < level((day - 1) * DAY) and level((day - 1) * DAY) == level(0 * DAY)
    ]
    assert [each.closes for each in told] == (falls[:1] if level(0 * DAY) else [])
