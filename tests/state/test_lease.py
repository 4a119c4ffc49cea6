from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.state.holder import Holder
from reconciler.state.keeper import PATIENCE
from reconciler.state.lease import (
    PASS,
    TOLERANCE,
    TTL,
    Grant,
    Held,
    Watch,
    acquire,
    release,
    renew,
    renewed_every,
    silence,
    ttl_for,
)
from reconciler.state.renewals import renew_all
from reconciler.state.store import Store, open_store
from tests.state.worlds import NOW

ANA = Holder(host="ana", pid=1)
BEN = Holder(host="ben", pid=1)
LIFE = TTL.total_seconds()

tenants = count()


def taken(store: Store, holder: Holder = ANA, *, after: timedelta = timedelta(0)) -> Grant:
    answer = acquire(store, PASS, holder=holder, ttl=TTL, now=NOW + after)
    assert isinstance(answer, Grant)
    return answer


def refused(store: Store, holder: Holder = BEN, *, after: timedelta = timedelta(0)) -> Held:
    answer = acquire(store, PASS, holder=holder, ttl=TTL, now=NOW + after)
    assert isinstance(answer, Held)
    return answer


def test_a_free_lease_is_granted_and_then_held(store: Store) -> None:
    grant = taken(store)
    held = refused(store)
    assert (held.holder, held.since, held.fence) == (ANA, NOW, grant.fence)


def test_who_holds_a_lease_cannot_take_it_again(store: Store) -> None:
    taken(store)
    assert refused(store, ANA).holder == ANA


def test_leases_of_other_names_and_tenants_are_others(store: Store, place: str) -> None:
    taken(store)
    assert isinstance(acquire(store, "seat", holder=BEN, ttl=TTL, now=NOW), Grant)
    with open_store(place, tenant="other.test") as other:
        taken(other, BEN)


def test_a_lease_given_back_is_free_and_its_fence_grows(store: Store) -> None:
    first = taken(store)
    release(store, first)
    assert taken(store, BEN).fence == first.fence + 1


def test_giving_back_what_is_somebody_elses_by_now_does_nothing(store: Store) -> None:
    late = taken(store)
    release(store, late)
    taken(store, BEN)
    release(store, late)
    assert renew(store, late, now=NOW) is None
    assert refused(store, ANA).holder == BEN


@pytest.mark.parametrize("after", [TTL, TTL + TOLERANCE, -TOLERANCE, timedelta(days=400)], ids=str)
def test_the_time_of_day_alone_takes_nothing(store: Store, after: timedelta) -> None:
    taken(store)
    refused(store, after=after)


LONG_OVER = NOW + TTL + TOLERANCE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "seconds", "outwatched"),
    [
        pytest.param(LONG_OVER, LIFE / 2, False, id="half its life and no more"),
        pytest.param(LONG_OVER, LIFE / 2 + 0.1, True, id="longer"),
        pytest.param(NOW + TTL + TOLERANCE, LIFE / 2 + 0.1, False, id="as far as clocks differ"),
        pytest.param(NOW - TOLERANCE, LIFE / 2 + 0.1, False, id="clock behind"),
    ],
)
def test_what_ended_long_ago_is_outwatched_in_half_its_life(
    store: Store, now: datetime, seconds: float, *, outwatched: bool
) -> None:
    taken(store)
    watch = Watch()
    watch.see(refused(store), 100.0)
    assert (watch.outwatched(100.0 + seconds, now) is not None) is outwatched


@given(seconds=st.integers(1, 900))
def test_no_live_holder_is_silent_for_that_long_and_no_command_s_patience_is_too_short(
    seconds: int,
) -> None:
    ttl = timedelta(seconds=seconds)
    assert renewed_every(ttl) <= ttl / 3
    assert renewed_every(ttl) < silence(ttl) <= ttl / 2
    assert silence(ttl) < PATIENCE / 2


def test_what_was_outwatched_is_taken(store: Store) -> None:
    taken(store)
    held = refused(store)
    answer = acquire(store, PASS, holder=BEN, ttl=TTL, now=NOW, outwatched=held)
    assert isinstance(answer, Grant)


def test_what_was_renewed_meanwhile_is_not(store: Store) -> None:
    grant = taken(store)
    held = refused(store)
    renew(store, grant, now=NOW)  # the same instant: only the count of renewals tells
    answer = acquire(store, PASS, holder=BEN, ttl=TTL, now=NOW, outwatched=held)
    assert isinstance(answer, Held)


def test_a_holder_seen_to_be_gone_is_not_waited_for(store: Store) -> None:
    here = Holder.this_process()
    gone = Holder(
        host=here.host,
        pid=here.pid,
        boot=here.boot,
        namespace=here.namespace,
        started="1" if here.started else None,
    )
    if here.started is None:
        pytest.skip("this system does not tell when a process started")
    taken(store, gone)
    assert taken(store, here).fence == 2


@pytest.mark.parametrize(
    ("seconds", "seen_again", "outwatched"),
    [
        pytest.param(LIFE, False, False, id="a whole life and no more"),
        pytest.param(LIFE + 0.1, False, True, id="longer"),
        pytest.param(LIFE + 0.1, True, False, id="renewed in between"),
    ],
)
def test_a_watch_counts_from_the_last_renewal(
    store: Store, seconds: float, *, seen_again: bool, outwatched: bool
) -> None:
    grant = taken(store)
    watch = Watch()
    assert watch.see(refused(store), 100.0)
    if seen_again:
        renew(store, grant, now=NOW)
    assert not watch.see(refused(store), 101.0)
    assert (watch.outwatched(100.0 + seconds, NOW) is not None) is outwatched


@pytest.mark.parametrize(("longest", "ttl"), [(5, 20), (30, 45), (120, 180)])
def test_a_lease_is_half_as_long_again_as_the_longest_write(longest: int, ttl: int) -> None:
    assert ttl_for(timedelta(seconds=longest)) == timedelta(seconds=ttl)


# --- never two at once -------------------------------------------------------------------


@dataclass
class Actor:
    """A process on a machine with clocks of its own, which follows the rules of the module."""

    store: Store
    name: str
    ahead: int
    grant: Grant | None = None
    ends: float = 0.0
    watch: Watch = field(default_factory=Watch)

    def believes(self, seconds: float) -> bool:
        return self.grant is not None and seconds < self.ends

    def act(self, what: str, seconds: float) -> Grant | None:
        """Do it at that true time; return a grant that is new."""
        now = NOW + timedelta(seconds=seconds + self.ahead)
        match what:
            case "try" if self.grant is None:
                return self._try(seconds, now=now)
            case "renew" if self.grant is not None:
                self.grant = renew(self.store, self.grant, now=now)
                self.ends = seconds + LIFE
            case "renew with others" if self.grant is not None:
                kept, lost = renew_all(self.store, [self.grant.nonce, "another's"], now=now)
                self.ends = seconds + LIFE if kept else self.ends
                self.grant = None if self.grant.nonce in lost else self.grant
            case "release" if self.grant is not None:
                release(self.store, self.grant)
                self.grant = None
            case "crash":
                self.grant, self.watch = None, Watch()
        return None

    def _try(self, seconds: float, *, now: datetime) -> Grant | None:
        holder = Holder(host=self.name, pid=1)
        seen = self.watch.outwatched(seconds, now)
        answer = acquire(self.store, PASS, holder=holder, ttl=TTL, now=now, outwatched=seen)
        if isinstance(answer, Held):
            self.watch.see(answer, seconds)
            return None
        self.grant, self.ends = answer, seconds + LIFE
        return answer


half = int(TOLERANCE.total_seconds()) // 2
steps = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["try", "try", "renew", "renew with others", "release", "crash"]),
        st.sampled_from([0, 1, 6, 10, 19, 21, 700]),
    ),
    max_size=30,
)


@settings(max_examples=100)
@given(clocks=st.tuples(*[st.integers(-half, half)] * 3), steps=steps)
def test_there_are_never_two_holders_and_fences_grow(
    shared: str, clocks: tuple[int, ...], steps: list[tuple[str, str, int]]
) -> None:
    with open_store(shared, tenant=f"school-{next(tenants)}") as store:
        actors = {
            name: Actor(store, name, ahead) for name, ahead in zip("abc", clocks, strict=True)
        }
        seconds, fence = 0.0, 0
        for name, what, passing in steps:
            seconds += passing
            granted = actors[name].act(what, seconds)
            assert sum(each.believes(seconds) for each in actors.values()) <= 1
            if granted is not None:
                assert granted.fence > fence
                fence = granted.fence


@given(
    clocks=st.tuples(*[st.integers(-(10**6), 10**6)] * 3),
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=9),
)
def test_no_clock_is_so_wrong_that_it_takes_a_lease_from_the_living(
    shared: str, clocks: tuple[int, ...], steps: list[tuple[str, int]]
) -> None:
    third = round(LIFE / 3)
    with open_store(shared, tenant=f"school-{next(tenants)}") as store:
        alive = {name: Actor(store, name, ahead) for name, ahead in zip("abc", clocks, strict=True)}
        alive["a"].act("try", 0)
        seconds = 0
        for name, passing in steps:
            for part in range(0, passing, third):
                alive["a"].act("renew", seconds + part)
            seconds += passing
            alive[name].act("try", seconds)
            assert [each.grant is not None for each in alive.values()] == [True, False, False]


@given(passing=st.lists(st.sampled_from([1, 5, 20]), min_size=60, max_size=60))
@settings(max_examples=10)
def test_a_dead_holders_lease_is_taken_over_soon_after_a_life_of_watching(
    shared: str, passing: list[int]
) -> None:
    with open_store(shared, tenant=f"school-{next(tenants)}") as store:
        dead, waiting = Actor(store, "a", 0), Actor(store, "b", -half)
        dead.act("try", 0)
        seconds = 0.0
        for step in passing:
            seconds += step
            if waiting.act("try", seconds):
                break
        assert waiting.grant is not None
        assert seconds <= passing[0] + LIFE + 2 * max(passing)


CONTEND = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from reconciler.state.holder import Holder
from reconciler.state.lease import Grant, acquire, release
from reconciler.state.store import open_store

path, tally = sys.argv[1:]
store = open_store(path, tenant="school.test")
me, ttl = Holder.this_process(), timedelta(seconds=45)
for _ in range(20):
    while True:
        grant = acquire(store, "pass", holder=me, ttl=ttl, now=datetime.now(UTC))
        if isinstance(grant, Grant):
            break
    lines = Path(tally).read_text()
    Path(tally).write_text(f"{lines}{grant.fence}\\n")
    release(store, grant)
"""


def test_processes_that_contend_take_turns(store: Store, place: str, tmp_path: Path) -> None:
    assert store.tenant == "school.test"
    tally = tmp_path / "tally"
    tally.touch()
    command = [sys.executable, "-c", CONTEND, place, str(tally)]
    both = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - our own interpreter
    assert [each.wait(timeout=60) for each in both] == [0, 0]
    assert [int(line) for line in tally.read_text().splitlines()] == list(range(1, 41))
