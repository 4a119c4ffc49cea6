from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from reconciler.daemon.bell import Bell, Reason
from reconciler.daemon.breaker import Tally
from reconciler.daemon.loop import LONGEST_WAIT, Call, Surroundings, run_loop
from reconciler.errors import Busy, StateError, Stopped, Unreachable
from reconciler.state.clock import Clock

BEGAN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, HOUR = 60.0, 3600.0
BAD = Tally(writes=10, failed=10)


class World(Bell):
    """
    A bell whose waits take no time: they move a clock, and ring what is due until then.

    It records what the loop asks of its passes and when, and stops it at `end`.
    """

    def __init__(self, end: float = HOUR) -> None:
        super().__init__()
        self.end = end
        self.seconds = 0.0
        self.stop = threading.Event()
        self.due: list[tuple[float, Reason]] = []
        self.calls: list[tuple[float, Call]] = []
        self.results: list[Tally | Exception] = []
        self.during: Callable[[], None] = lambda: None
        self.looks: list[float] = []
        self.boundaries: list[float] = []
        self.pass_seconds = 0.0

    def wait(self, seconds: float) -> bool:
        if super().wait(0):
            return True
        first = min((at for at, _ in self.due), default=self.end)
        self._advance(max(0.0, min(seconds, first - self.seconds)))
        return super().wait(0)

    def one_pass(self, call: Call) -> Tally:
        self.calls.append((self.seconds, call))
        self.during()
        self._advance(self.pass_seconds)
        result = self.results.pop(0) if self.results else Tally()
        if isinstance(result, Exception):
            raise result
        return result

    def run(self, *, interval: timedelta | None = timedelta(minutes=15)) -> None:
        around = Surroundings(
            boundary=self._boundary,
            interval=lambda: interval,
            heartbeat=lambda: self.looks.append(self.seconds),
        )
        clock = Clock(now=lambda: self._instant(self.seconds), monotonic=lambda: self.seconds)
        run_loop(self.one_pass, self, self.stop, around, clock=clock, jitter=lambda: 0.0)

    @property
    def reasons(self) -> list[tuple[float, set[Reason]]]:
        return [(at, set(call.reasons)) for at, call in self.calls]

    @property
    def wrote(self) -> list[bool]:
        return [call.may_write for _, call in self.calls]

    def _advance(self, seconds: float) -> None:
        self.seconds += seconds
        for at, reason in list(self.due):
            if at <= self.seconds:
                self.due.remove((at, reason))
                self.ring(reason)
        if self.seconds >= self.end:
            self.stop.set()

    def _boundary(self, after: datetime) -> datetime | None:
        instants = (self._instant(each) for each in self.boundaries)
        return min((each for each in instants if each > after), default=None)

    @staticmethod
    def _instant(seconds: float) -> datetime:
        return BEGAN + timedelta(seconds=seconds)


def test_a_pass_runs_at_the_start_and_no_more_without_a_reason() -> None:
    world = World()
    with capture_logs() as logs:
        world.run()
    assert world.reasons == [(0.0, {Reason.START})]
    assert world.wrote == [True]
    assert logs == []


def test_each_ring_has_its_pass() -> None:
    world = World()
    world.due = [(MINUTE, Reason.SCHEDULE), (2 * MINUTE, Reason.FILE_CHANGE)]
    world.run()
    assert world.reasons[1:] == [(60.0, {Reason.SCHEDULE}), (120.0, {Reason.FILE_CHANGE})]


def test_rings_during_a_pass_are_one_pass_after_it() -> None:
    world = World()
    world.pass_seconds = 100.0
    world.due = [(10.0, Reason.SCHEDULE), (20.0, Reason.RELOAD), (30.0, Reason.SCHEDULE)]
    world.run()
    assert world.reasons[:2] == [(0.0, {Reason.START}), (100.0, {Reason.SCHEDULE, Reason.RELOAD})]


def test_it_wakes_at_each_boundary_to_the_second() -> None:
    world = World()
    world.boundaries = [33.0, 1234.5]
    world.run()
    assert world.reasons[1:] == [(33.0, {Reason.BOUNDARY}), (1234.5, {Reason.BOUNDARY})]


def test_a_boundary_that_comes_while_a_pass_runs_is_not_slept_through() -> None:
    world = World()
    world.pass_seconds = 100.0
    world.boundaries = [33.0]
    world.run()
    assert world.reasons == [(0.0, {Reason.START}), (100.0, {Reason.BOUNDARY})]


def test_it_gives_a_sign_of_life_between_passes() -> None:
    world = World()
    world.run()
    gaps = [later - earlier for earlier, later in zip(world.looks, world.looks[1:], strict=False)]
    assert max(gaps) <= LONGEST_WAIT


def test_what_fails_is_told_and_tried_again_each_wait_longer_than_the_last() -> None:
    world = World()
    world.results = [Unreachable("no answer", remedy="look at the network") for _ in range(3)]
    with capture_logs() as logs:
        world.run()
    assert world.reasons == [
        (0.0, {Reason.START}),
        (10.0, {Reason.RETRY}),
        (30.0, {Reason.RETRY}),
        (70.0, {Reason.RETRY}),
    ]
    assert [(log["event"], log["failures"], log["retry_in_seconds"]) for log in logs] == [
        ("pass failed", 1, 10),
        ("pass failed", 2, 20),
        ("pass failed", 3, 40),
    ]
    assert logs[0]["remedy"] == "look at the network"


def test_success_forgets_the_failures_before() -> None:
    world = World()
    down = Unreachable("no answer")
    world.results = [down, down, Tally(), down]
    world.due = [(100.0, Reason.SCHEDULE)]
    world.run()
    assert [at for at, _ in world.reasons] == [0.0, 10.0, 30.0, 100.0, 110.0]


def test_a_pass_that_was_told_to_stop_has_not_failed() -> None:
    world = World()
    world.results = [Stopped("stopped before anything was read")]
    world.during = world.stop.set
    with capture_logs() as logs:
        world.run()
    assert [(log["event"], log["log_level"]) for log in logs] == [("pass stopped", "info")]


def test_a_bug_ends_the_loop() -> None:
    world = World()
    world.results = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        world.run()
    assert len(world.calls) == 1


def test_a_bug_in_a_helping_thread_ends_the_loop() -> None:
    world = World()
    world.during = lambda: world.report(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        world.run()


def test_after_stop_no_pass_begins() -> None:
    world = World()
    world.during = world.stop.set
    world.due = [(0.0, Reason.SCHEDULE)]
    world.run()
    assert world.reasons == [(0.0, {Reason.START})]
    world.calls.clear()
    world.run()
    assert world.calls == []


def test_a_stop_just_before_the_bell_is_answered_is_not_waited_out() -> None:
    class Late(World):
        def answer(self) -> frozenset[Reason]:
            if self.calls:
                self.stop.set()
                self.wake()
            return super().answer()

    world = Late()
    world.run()
    assert world.seconds == 0.0


def test_five_failures_stop_writing_until_the_cool_down_is_over() -> None:
    world = World(end=4 * HOUR)
    world.results = [Unreachable("no answer") for _ in range(5)]
    world.due = [(minutes * MINUTE, Reason.SCHEDULE) for minutes in (10, 20, 34, 50)]
    with capture_logs() as logs:
        world.run()
    # The fifth fails after 150 s; the pass after half an hour more is that of minute 34.
    assert world.wrote == [True] * 5 + [False] * 3 + [True] * 2
    assert [log["event"] for log in logs if "writing" in log["event"]] == [
        "writing stopped: too much failed",
        "writing taken up again",
    ]


def test_half_the_writes_failing_stops_writing_at_once() -> None:
    world = World()
    world.results = [BAD]
    world.due = [(MINUTE, Reason.SCHEDULE)]
    world.run()
    assert world.wrote == [True, False]


@pytest.mark.parametrize("reason", [Reason.RELOAD, Reason.FILE_CHANGE])
def test_a_person_s_hand_lets_it_write_again(reason: Reason) -> None:
    world = World()
    world.results = [BAD]
    world.due = [(MINUTE, Reason.SCHEDULE), (2 * MINUTE, reason), (3 * MINUTE, Reason.SCHEDULE)]
    world.run()
    assert world.wrote == [True, False, True, True]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Busy("held by host:12"), id="somebody-else-writes"),
        pytest.param(StateError("the database is away"), id="the-state-is-away"),
    ],
)
def test_what_nothing_was_written_for_is_no_reason_to_stop_writing(error: StateError) -> None:
    world = World(end=2 * HOUR)
    world.results = [error] * 8
    world.run()
    assert all(world.wrote)
    assert len(world.wrote) == 9


@given(
    st.lists(
        st.tuples(st.floats(0.0, 3000.0), st.sampled_from([Reason.SCHEDULE, Reason.RELOAD])),
        max_size=12,
    ),
    st.lists(st.booleans(), max_size=8),
    st.floats(0.0, 400.0),
)
def test_every_ring_is_answered_by_a_pass_that_begins_after_it(
    due: list[tuple[float, Reason]], fails: list[bool], pass_seconds: float
) -> None:
    world = World(end=2 * HOUR)
    world.due = sorted(due)
    world.pass_seconds = pass_seconds
    world.results = [Unreachable("no answer") if each else Tally() for each in fails]
    with capture_logs():
        world.run()
    for at, reason in due:
        assert any(began >= at and reason in reasons for began, reasons in world.reasons)
