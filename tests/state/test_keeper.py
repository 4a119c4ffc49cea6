from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta

import pytest

from reconciler.core.outcome import Result
from reconciler.errors import Busy
from reconciler.state.clock import Clock
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, SEAT, Grant, acquire, holder_of
from reconciler.state.records import Verdict
from reconciler.state.store import Store, open_store
from tests.patience import until
from tests.state.worlds import NOW, Hands

ANA = Holder(host="ana", pid=71)
BEN = Holder(host="ben", pid=72)


@pytest.fixture
def hands() -> Hands:
    return Hands()


def held_by_ana(store: Store, hands: Hands, name: str = PASS) -> Grant:
    """Have Ana take it, who has watched for long enough whoever has it."""
    ttl, before = timedelta(seconds=45), holder_of(store, name)
    answer = acquire(store, name, holder=ANA, ttl=ttl, now=hands.clock.now(), outwatched=before)
    assert isinstance(answer, Grant)
    return answer


def keeper(store: Store, hands: Hands, name: str = PASS) -> LeaseKeeper:
    return LeaseKeeper(store, name, holder=BEN, clock=hands.clock, stop=hands.event())


def test_a_lease_lasts_as_long_as_its_block(store: Store, hands: Hands) -> None:
    with keeper(store, hands) as lease:
        held = holder_of(store, PASS)
        assert held is not None
        assert (held.holder, held.fence) == (BEN, lease.fence)
    assert holder_of(store, PASS) is None
    assert lease.seconds_left == 0


def test_a_block_that_raises_gives_its_lease_back(store: Store, hands: Hands) -> None:
    with pytest.raises(RuntimeError), keeper(store, hands):
        raise RuntimeError
    assert holder_of(store, PASS) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (PASS, r"^another pass is writing: ana:71 since 2026-11-23T12:16:40Z; waited 30 s\n"),
        (SEAT, r"^another daemon has the seat: ana:71 since "),
        ("other", r"^other: ana:71 since "),
    ],
)
def test_who_waits_in_vain_is_told_for_whom(
    store: Store, hands: Hands, name: str, message: str
) -> None:
    held_by_ana(store, hands, name)
    waiting = LeaseKeeper(
        store,
        name,
        holder=BEN,
        clock=hands.clock,
        stop=hands.event(),
        patience=timedelta(seconds=30),
    )
    with pytest.raises(Busy, match=message) as error, waiting:
        pass
    assert error.value.remedy is not None


def test_a_silent_holder_is_taken_over_within_a_minute(store: Store, hands: Hands) -> None:
    grant = held_by_ana(store, hands)
    began = hands.seconds
    with keeper(store, hands) as lease:
        assert lease.fence == grant.fence + 1
        assert 45 < hands.seconds - began < 47


def test_what_died_yesterday_is_waited_for_half_as_long(store: Store, hands: Hands) -> None:
    held_by_ana(store, hands)
    hands.seconds += 86_400
    began = hands.seconds
    with keeper(store, hands):
        assert 22.5 < hands.seconds - began < 24


def test_the_holder_waited_for_is_told_once(store: Store, hands: Hands) -> None:
    held_by_ana(store, hands)
    told: list[tuple[str, datetime]] = []
    since = hands.clock.now()
    waiting = LeaseKeeper(
        store,
        PASS,
        holder=BEN,
        clock=hands.clock,
        stop=hands.event(),
        waiting=lambda holder, when: told.append((holder, when)),
    )
    with waiting:
        assert told == [("ana:71", since)]


def test_waiting_ends_when_told_to_stop(store: Store, hands: Hands) -> None:
    held_by_ana(store, hands)
    stop = threading.Event()
    stop.set()
    with (
        pytest.raises(Busy),
        LeaseKeeper(store, PASS, holder=BEN, stop=stop, patience=None, clock=hands.clock),
    ):
        pass


def test_enough_is_left_or_is_made_by_renewing(store: Store, hands: Hands) -> None:
    with keeper(store, hands) as lease:
        hands.seconds += 5
        assert lease.seconds_left == 15
        lease.require(14)
        assert lease.seconds_left == 15
        lease.require(15)
        assert lease.seconds_left == 20


def test_more_than_a_lease_lives_is_never_left(store: Store, hands: Hands) -> None:
    with keeper(store, hands) as lease, pytest.raises(Busy, match="has 20 s left, and more than"):
        lease.require(20)


def test_a_lease_that_ran_out_unnoticed_goes_on_when_nobody_took_it(
    store: Store, hands: Hands
) -> None:
    with keeper(store, hands) as lease:
        hands.seconds += 300
        assert lease.seconds_left == 0
        lease.require(15)
        assert lease.seconds_left == 20


def test_a_lost_lease_says_who_took_it_and_is_not_given_back(store: Store, hands: Hands) -> None:
    with keeper(store, hands) as lease:
        hands.seconds += 3600
        taken = held_by_ana(store, hands)
        with pytest.raises(Busy, match="is lost: taken over by ana:71 since"):
            lease.require(0)
        with pytest.raises(Busy):
            _ = lease.fence
    held = holder_of(store, PASS)
    assert held is not None
    assert held.fence == taken.fence


def test_it_renews_by_itself(store: Store) -> None:
    with LeaseKeeper(store, PASS, ttl=timedelta(milliseconds=300)):
        for _ in range(600):
            held = holder_of(store, PASS)
            assert held is not None
            if held.beat >= 2:
                return
            threading.Event().wait(0.05)
    pytest.fail("the lease was not renewed in half a minute")


WRITE_AND_HANG = """
import sys
from datetime import UTC, datetime
from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.plan import Change
from reconciler.errors import Location
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.store import open_store

store = open_store(sys.argv[1], tenant="school.test")
with LeaseKeeper(store, "pass"):
    change = Change(principal=Principal(PrincipalType.USER, 7), before=None,
                    after=Permission.VIEW, who="user:7", source=Location("config.yaml", 1, 1))
    journal = Journal(store)
    journal.begin("A", kind="run", started_at=datetime.now(UTC), holder="here:1",
                  config_digest=None, commit=None)
    journal.intend("A", 1, 4711, "Biology 101", [change])
    print("sent", flush=True)
    input()
"""


def test_a_killed_pass_leaves_its_lease_at_once_and_its_intent_unknown(place: str) -> None:
    if Holder.this_process().started is None:
        pytest.skip("this system does not tell when a process started")
    with open_store(place, tenant="school.test") as store:
        journal = Journal(store)
        command = [sys.executable, "-c", WRITE_AND_HANG, place]
        with subprocess.Popen(  # noqa: S603 - our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "sent\n"
            process.kill()
        with LeaseKeeper(store, PASS, patience=timedelta(0)) as lease:
            assert lease.fence == 2
            journal.mark_interrupted()
        record = journal.read("A")
    assert record.verdict is Verdict.INTERRUPTED
    assert [each.outcome and each.outcome.result for each in record.changes] == [Result.UNKNOWN]


def test_who_holds_a_lease_learns_that_a_bug_has_ended_its_renewing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda bug: told.append(bug.exc_value))
    times = iter([NOW])  # the taking asks for one, and there is none for the renewing
    clock = Clock(now=lambda: next(times), monotonic=time.monotonic)
    with LeaseKeeper(store, SEAT, ttl=timedelta(seconds=0.3), clock=clock) as seat:
        until(lambda: seat.is_lost)
        assert seat.seconds_left == 0
    assert [type(each) for each in told] == [StopIteration]
