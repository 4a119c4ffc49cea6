"""Who may begin: as many as a process can bear, and some whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from reconciler.daemon.turnstile import AT_LEAST, BEHIND, FEW, SELDOM, TICK, Turnstile

PATIENCE = 20


@dataclass
class Busy:
    """A process whose sleepers wake so many seconds late, in a time of its own."""

    late: float = 0.0
    now: float = 100.0
    ticks: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late
        self.ticks.append(self.now)

    def monotonic(self) -> float:
        return self.now


def let_in(busy: Busy, many: int) -> float:
    """How many seconds it takes until so many have been let in."""
    began = busy.now
    with Turnstile(busy.sleep, busy.monotonic) as turnstile:
        threads = [threading.Thread(target=enter, args=(turnstile,)) for _ in range(many)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(PATIENCE)
            assert not each.is_alive()
    return busy.now - began


def enter(
    turnstile: Turnstile,
    stop: threading.Event | None = None,
    beat: Callable[[], None] = lambda: None,
) -> None:
    with turnstile.inside(stop or threading.Event(), beat):
        pass


def test_where_nothing_is_late_each_tick_lets_one_in() -> None:
    assert let_in(Busy(), 30) == pytest.approx(30 * TICK)


def test_a_little_late_is_not_behind() -> None:
    assert let_in(Busy(late=BEHIND / 2), 10) == pytest.approx(10 * (TICK + BEHIND / 2))


def test_where_it_is_behind_few_are_let_in_and_never_nobody() -> None:
    took = let_in(Busy(late=BEHIND), 10)
    assert took + AT_LEAST >= 10 * AT_LEAST
    assert took <= 10 * (AT_LEAST + BEHIND + TICK)


@pytest.mark.parametrize("late", [0.0, BEHIND])
def test_where_it_is_behind_many_at_work_keep_the_next_one_waiting(late: float) -> None:
    busy = Busy()
    with Turnstile(busy.sleep, busy.monotonic) as turnstile, ExitStack() as at_work:
        for _ in range(FEW):
            at_work.enter_context(turnstile.inside(threading.Event(), lambda: None))
        began, busy.late = busy.now, late
        enter(turnstile)
        waited = busy.now - began
        assert (waited >= SELDOM - TICK) is bool(late)
        at_work.close()
        began = busy.now
        enter(turnstile)
        assert busy.now - began <= AT_LEAST + BEHIND + TICK


def test_nothing_is_measured_while_nobody_waits() -> None:
    busy = Busy()
    with Turnstile(busy.sleep, busy.monotonic) as turnstile:
        enter(turnstile)
        enter(turnstile)
    assert len(busy.ticks) == 2


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_who_is_told_to_stop_waits_no_longer(when: str) -> None:
    stop, asleep = threading.Event(), threading.Event()

    def never(_seconds: float) -> None:
        asleep.wait(PATIENCE)

    beats: list[str] = []
    with Turnstile(never) as turnstile:
        if when == "before":
            stop.set()
        waiting = threading.Thread(target=enter, args=(turnstile, stop, stopping(stop, beats)))
        waiting.start()
        waiting.join(PATIENCE)
        assert not waiting.is_alive()
        assert bool(beats) is (when == "meanwhile")
        asleep.set()


def stopping(stop: threading.Event, beats: list[str]) -> Callable[[], None]:
    """Give a sign of life, and then tell it to stop."""

    def beat() -> None:
        beats.append("beat")
        stop.set()

    return beat
