"""Who is invited to which seat, when not everybody who is invited comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.cli import seating
from reconciler.cli.seating import Invitation, Seating
from reconciler.cli.stores import open_own
from reconciler.errors import Busy
from reconciler.state.holder import Holder
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.latest import Latest
from reconciler.state.lease import SEAT
from reconciler.state.store import Store

TENANTS = [f"school-{number}.test" for number in range(6)]
SECONDS = 30


class Guest:
    """Hears that it is invited, and never sits down."""

    path = Path("school.yaml")
    asks_the_record = False

    def __init__(self, *, failures: int = 0) -> None:
        self.is_sitting = False
        self.failures = failures
        self.invited = threading.Event()

    def invite(self, invitation: Invitation) -> None:
        del invitation
        self.invited.set()

    def let_go(self) -> None:
        raise AssertionError("it does not sit")

    def sits_elsewhere(self, holder: str | None) -> None:
        del holder

    def recalls(self, latest: Latest | None) -> None:
        raise AssertionError(f"it did not ask for {latest}")


class Sitter(Guest):
    """Takes its seat when it is invited, and leaves it when it is to."""

    def __init__(self, store: Store, me: Holder, *, failures: int) -> None:
        super().__init__(failures=failures)
        self.times = 0
        self._seat = LeaseKeeper(store, SEAT, holder=me, patience=timedelta(0))
        self._sitting = ExitStack()

    def invite(self, invitation: Invitation) -> None:
        super().invite(invitation)
        with suppress(Busy):
            self._sitting.enter_context(self._seat)
            self.is_sitting = True
            self.times += 1

    def let_go(self) -> None:
        self.is_sitting = False
        self._sitting.close()


def test_a_seat_whose_owner_does_not_come_is_offered_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "LOOK", 0.05)
    monkeypatch.setattr(seating, "FIRST_LOOK", 0.05)
    place = str(tmp_path / "reconciler.db")
    with ExitStack() as stack:
        guests: list[Guest] = []
        for host in ("ana", "ben"):
            seats = Seating(place, open_own, Holder(host=host, pid=1), _unexpected)
            for tenant in TENANTS:
                guests.append(Guest())
                stack.enter_context(seats.guest(tenant, guests[-1]))
            stack.callback(seats.join)
            stack.callback(seats.stop)
            seats.start()
        assert all(each.invited.wait(SECONDS) for each in guests)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A state that seatings look at many times a second."""
    monkeypatch.setattr(seating, "LOOK", 0.05)
    monkeypatch.setattr(seating, "FIRST_LOOK", 0.05)
    return str(tmp_path / "reconciler.db")


@contextmanager
def inviting(place: str, host: str, *, failures: int = 0) -> Iterator[list[Sitter]]:
    """A daemon's seating while it lasts, and its guests; so many passes of each have failed."""
    me = Holder(host=host, pid=1)
    seats = Seating(place, open_own, me, _unexpected)
    with ExitStack() as stack:
        guests = []
        for tenant in TENANTS:
            store = stack.enter_context(open_own(place, tenant))
            guests.append(Sitter(store, me, failures=failures))
            stack.callback(guests[-1].let_go)
            stack.enter_context(seats.guest(tenant, guests[-1]))
        stack.callback(seats.join)
        stack.callback(seats.stop)
        seats.start()
        yield guests


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def all_sit(guests: list[Sitter]) -> bool:
    return all(each.is_sitting for each in guests)


def none_sits(guests: list[Sitter]) -> bool:
    return not any(each.is_sitting for each in guests)


def test_what_fails_here_goes_to_another_and_is_back_when_nobody_else_would_serve_it(
    place: str,
) -> None:
    with inviting(place, "ana", failures=seating.FAILED) as failing:
        until(lambda: all_sit(failing))
        with inviting(place, "ben") as well:
            until(lambda: all_sit(well) and none_sits(failing))
        until(lambda: all_sit(failing))


def test_few_failures_move_nothing(place: str) -> None:
    with inviting(place, "ana", failures=seating.FAILED - 1) as some:
        until(lambda: all_sit(some))
        with inviting(place, "ben", failures=seating.FAILED - 1) as others:
            until(lambda: sum(each.is_sitting for each in others) == len(TENANTS) // 2)
            until(lambda: sum(each.is_sitting for each in some) == len(TENANTS) // 2)
        assert sum(each.times for each in others) == len(TENANTS) // 2


def test_what_fails_everywhere_was_tried_by_each_and_stays_until_it_is_their_turn_again(
    place: str,
) -> None:
    with (
        inviting(place, "ana", failures=seating.FAILED) as ana,
        inviting(place, "ben", failures=seating.FAILED) as ben,
    ):
        both = list(zip(ana, ben, strict=True))
        until(lambda: all(a.times and b.times for a, b in both))
        until(lambda: all(a.is_sitting != b.is_sitting for a, b in both))
        time.sleep(4 * seating.LOOK)
        before = [each.times for each in ana + ben]
        time.sleep(10 * seating.LOOK)
        assert all(a.is_sitting != b.is_sitting for a, b in both)
        assert [each.times for each in ana + ben] == before
        assert max(before) <= 2, "the second time when nobody else would serve it"


def test_when_it_is_its_turn_again_a_daemon_tries_anew(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "ANOTHER_S_TURN", 0.3)
    with (
        inviting(place, "ana", failures=seating.FAILED) as ana,
        inviting(place, "ben", failures=seating.FAILED) as ben,
    ):
        until(lambda: all(each.times > 1 for each in ana + ben))


def _unexpected(bug: BaseException) -> None:
    raise bug
