from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.daemon.bell import Bell, Reason

REASONS = st.sampled_from(Reason)


def test_nobody_rang() -> None:
    bell = Bell()
    assert not bell.wait(0)
    assert bell.answer() == frozenset()


def test_many_rings_are_one() -> None:
    bell = Bell()
    for reason in (Reason.SCHEDULE, Reason.RELOAD, Reason.SCHEDULE):
        bell.ring(reason)
    assert bell.wait(0)
    assert bell.answer() == {Reason.SCHEDULE, Reason.RELOAD}
    assert not bell.wait(0)
    assert bell.answer() == frozenset()


def test_waking_gives_no_reason() -> None:
    bell = Bell()
    bell.wake()
    assert bell.wait(0)
    assert bell.answer() == frozenset()
    assert not bell.wait(0)


def test_a_bug_elsewhere_is_raised_where_the_bell_is_answered() -> None:
    bell = Bell()
    bell.report(ZeroDivisionError("a helper's"))
    assert bell.wait(0)
    with pytest.raises(ZeroDivisionError, match="a helper's"):
        bell.answer()


@given(st.lists(st.one_of(REASONS, st.none(), st.just("wake"))))
def test_a_ring_is_answered_once_and_never_lost(steps: list[Reason | str | None]) -> None:
    """A step rings, wakes, or answers (None)."""
    bell = Bell()
    waiting: set[Reason] = set()
    for step in [*steps, None]:
        if isinstance(step, Reason):
            bell.ring(step)
            waiting.add(step)
        elif step == "wake":
            bell.wake()
        else:
            assert bell.wait(0) or not waiting
            assert bell.answer() == waiting
            waiting = set()


def test_no_ring_is_lost_between_threads() -> None:
    """Each ringer rings anew only when its ring was answered: a lost one would be the last."""
    bell, rings = Bell(), 200
    heard = {reason: threading.Semaphore(0) for reason in Reason}
    answered: dict[Reason, int] = dict.fromkeys(Reason, 0)

    def ringer(reason: Reason) -> None:
        for _ in range(rings):
            bell.ring(reason)
            heard[reason].acquire(timeout=20)

    threads = [threading.Thread(target=ringer, args=(reason,), daemon=True) for reason in Reason]
    for thread in threads:
        thread.start()
    while min(answered.values()) < rings and bell.wait(20):
        for reason in bell.answer():
            answered[reason] += 1
            heard[reason].release()
    assert answered == dict.fromkeys(Reason, rings)
