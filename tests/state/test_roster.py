"""Who lives, and which seats are free, as one daemon sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from reconciler.errors import StateError
from reconciler.state.clock import Clock
from reconciler.state.holder import Holder
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, SEAT, TOLERANCE, TTL, Grant, acquire, release, renew
from reconciler.state.roster import Lookout, Roster
from reconciler.state.schema import members
from reconciler.state.store import Store
from tests.state.worlds import Hands

ANA = Holder(host="ana", pid=1, boot="a", namespace="n", started="7")
BEN = Holder(host="ben", pid=1)
LIFE = TTL.total_seconds()
SCHOOL, COLLEGE = "school.test", "college.test"


@pytest.fixture
def hands() -> Hands:
    return Hands()


def roster(store: Store, hands: Hands, me: Holder, *, ahead: timedelta = timedelta(0)) -> Roster:
    clock = Clock(lambda: hands.clock.now() + ahead, hands.clock.monotonic)
    return Roster(store.sibling("roster"), me, clock=clock)


def seated(store: Store, hands: Hands, holder: Holder, name: str = SEAT) -> Grant:
    grant = acquire(store, name, holder=holder, ttl=TTL, now=hands.clock.now())
    assert isinstance(grant, Grant)
    return grant


def look_for(each: Roster, hands: Hands, seconds: float) -> Lookout:
    """Look every three seconds for so long; what the last look saw."""
    seen = each.look()
    for _ in range(round(seconds / 3)):
        hands.seconds += 3
        each.beat([SCHOOL])
        seen = each.look()
    return seen


def test_members_see_each_other_and_whom_each_would_serve(store: Store, hands: Hands) -> None:
    ana, ben = roster(store, hands, ANA), roster(store, hands, BEN)
    ana.beat([SCHOOL])
    ben.beat({COLLEGE, SCHOOL})
    expected = {ANA: frozenset({SCHOOL}), BEN: frozenset({SCHOOL, COLLEGE})}
    assert ana.look().members == ben.look().members == expected


def test_what_a_member_says_last_is_what_counts(store: Store, hands: Hands) -> None:
    ana = roster(store, hands, ANA)
    ana.beat([SCHOOL])
    ana.beat([])
    assert ana.look().members == {ANA: frozenset()}


def test_who_leaves_is_no_member_at_once(store: Store, hands: Hands) -> None:
    ana, ben = roster(store, hands, ANA), roster(store, hands, BEN)
    ana.beat([SCHOOL])
    ben.beat([SCHOOL])
    ben.leave()
    assert ana.look().members.keys() == {ANA}


@pytest.mark.parametrize("ahead", [-TOLERANCE, timedelta(0), TOLERANCE])
def test_who_is_silent_for_a_life_is_no_member_whatever_its_clock_says(
    store: Store, hands: Hands, ahead: timedelta
) -> None:
    ana, ben = roster(store, hands, ANA), roster(store, hands, BEN, ahead=ahead)
    ana.beat([SCHOOL])
    ben.beat([SCHOOL])
    assert look_for(ana, hands, LIFE - 2).members.keys() == {ANA, BEN}
    assert look_for(ana, hands, 6).members.keys() == {ANA}
    ben.beat([SCHOOL])
    assert ana.look().members.keys() == {ANA, BEN}


def test_we_live_however_long_we_were_silent(store: Store, hands: Hands) -> None:
    ana = roster(store, hands, ANA)
    ana.beat([SCHOOL])
    ana.look()
    hands.seconds += 3600
    assert ana.look().members.keys() == {ANA}


def test_a_member_of_this_machine_that_is_gone_is_seen_gone_at_once(
    store: Store, hands: Hands
) -> None:
    here = Holder.this_process()
    if here.started is None:
        pytest.skip("this system does not tell when a process started")
    gone = replace(here, started="1")
    for each in (here, gone):
        roster(store, hands, each).beat([SCHOOL])
    seated(store.sibling(SCHOOL), hands, gone)
    seen = roster(store, hands, here).look()
    assert seen.members.keys() == {here}
    assert seen.free.keys() == {SCHOOL}


def test_rows_of_the_long_dead_go(store: Store, hands: Hands) -> None:
    ana = roster(store, hands, ANA)
    roster(store, hands, BEN).beat([SCHOOL])
    hands.seconds += TOLERANCE.total_seconds() + LIFE + 1
    ana.beat([SCHOOL])
    assert ana.look().members.keys() == {ANA, BEN}, "it may be our clock that is wrong"
    assert look_for(ana, hands, LIFE / 2 + 2).members.keys() == {ANA}
    ana.beat([SCHOOL])
    assert _rows(store) == 1


def test_a_clock_that_is_fast_takes_nobody_off_the_roster(store: Store, hands: Hands) -> None:
    ana = roster(store, hands, ANA, ahead=timedelta(hours=1))
    ben, school = roster(store, hands, BEN), store.sibling(SCHOOL)
    grant = seated(school, hands, BEN)
    for _ in range(9):
        ben.beat([SCHOOL])
        renew(school, grant, now=hands.clock.now())
        for _ in range(2):
            hands.seconds += 3
            ana.beat([SCHOOL])
            assert _rows(store) == 2
            seen = ana.look()
            assert seen.members.keys() == {ANA, BEN}
            assert seen.seats.keys() == {SCHOOL}


def _rows(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(members)) or 0


def test_a_tenant_that_anybody_would_serve_has_a_seat_or_is_free(
    store: Store, hands: Hands
) -> None:
    ana, ben = roster(store, hands, ANA), roster(store, hands, BEN)
    ana.beat([SCHOOL])
    ben.beat([COLLEGE])
    seated(store.sibling(COLLEGE), hands, BEN)
    seated(store.sibling("nobody.would.serve.test"), hands, BEN)
    seen = ana.look()
    assert {tenant: held.holder for tenant, held in seen.seats.items()} == {COLLEGE: BEN}
    assert seen.free.keys() == {SCHOOL}
    assert seen.passes.keys() == {SCHOOL, COLLEGE}


def test_a_seat_given_back_is_free(store: Store, hands: Hands) -> None:
    ana, school = roster(store, hands, ANA), store.sibling(SCHOOL)
    ana.beat([SCHOOL])
    grant = seated(school, hands, BEN)
    assert ana.look().seats.keys() == {SCHOOL}
    release(school, grant)
    assert ana.look().free.keys() == {SCHOOL}


def test_a_dead_machine_s_seat_and_pass_are_taken_without_waiting_anew(
    store: Store, hands: Hands
) -> None:
    ana, school = roster(store, hands, ANA), store.sibling(SCHOOL)
    ana.beat([SCHOOL])
    for name in (SEAT, PASS):
        seated(school, hands, BEN, name)
    assert look_for(ana, hands, LIFE - 2).seats.keys() == {SCHOOL}
    seen = look_for(ana, hands, 3)
    assert seen.free.keys() == {SCHOOL}
    for name, watch in ((SEAT, seen.free[SCHOOL]), (PASS, seen.passes[SCHOOL])):
        keeper = LeaseKeeper(
            school, name, holder=ANA, patience=timedelta(0), watch=watch, clock=hands.clock
        )
        with keeper as lease:
            assert lease.fence == 2


def test_a_silence_is_not_counted_by_who_could_not_look_either(store: Store, hands: Hands) -> None:
    ana, ben, school = roster(store, hands, ANA), roster(store, hands, BEN), store.sibling(SCHOOL)
    for each in (ana, ben):
        each.beat([SCHOOL])
    seated(school, hands, BEN)
    ana.look()
    hands.seconds += 3 * LIFE
    seen = ana.look()
    assert seen.members.keys() == {ANA, BEN}
    assert seen.seats.keys() == {SCHOOL}
    seen = look_for(ana, hands, LIFE + 3)
    assert seen.members.keys() == {ANA}
    assert seen.free.keys() == {SCHOOL}


def test_a_seat_that_is_renewed_is_never_free(store: Store, hands: Hands) -> None:
    ana, school = roster(store, hands, ANA), store.sibling(SCHOOL)
    ana.beat([SCHOOL])
    grant = seated(school, hands, BEN)
    for _ in range(9):
        hands.seconds += LIFE / 2
        renewed = renew(school, grant, now=hands.clock.now())
        assert renewed is not None
        assert ana.look().seats.keys() == {SCHOOL}


def test_the_roster_tells_when_the_state_cannot_be_used(store: Store, hands: Hands) -> None:
    ana = roster(store, hands, ANA)
    with store.write_alone() as connection:
        members.drop(connection)
    for act in (lambda: ana.beat([SCHOOL]), ana.look):
        with pytest.raises(StateError):
            act()
    ana.leave()
