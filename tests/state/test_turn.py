from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from reconciler.errors import StateError
from reconciler.state import turn as turns
from reconciler.state.turn import Turn
from tests.patience import PATIENCE, until
from tests.state.worlds import Hands

AHEAD = 4


def started(work: Callable[[], None], writers: int) -> list[Future[None]]:
    """Each in a thread of its own; their ends."""
    threads = ThreadPoolExecutor(writers)
    ends = [threads.submit(work) for _ in range(writers)]
    threads.shutdown(wait=False)
    return ends


def in_line(turn: Turn) -> int:
    return len(turn._line)


def test_one_writes_at_a_time() -> None:
    turn, inside, most = Turn(), [0], [0]

    def work() -> None:
        for _ in range(50):
            with turn.taken():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    for end in started(work, 8):
        end.result(PATIENCE)
    assert most == [1]


def test_a_line_is_waited_in_for_as_long_as_it_gets_on() -> None:
    hands = Hands()
    turn = Turn(monotonic=hands.clock.monotonic)

    def work() -> None:
        with turn.taken():
            hands.seconds += turns.SECONDS - 1

    with turn.taken():
        ends = started(work, 6)
        until(lambda: in_line(turn) == 6)
    for end in ends:
        end.result(PATIENCE)
    assert hands.seconds > 6 * turns.SECONDS


def test_everybody_in_line_is_told_where_nothing_comes_to_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "SECONDS", 0.05)
    turn = Turn()

    def work() -> None:
        with turn.taken():
            pytest.fail("two write at once")

    with turn.taken():
        for end in started(work, 3):
            with pytest.raises(StateError, match=r"come to a good end for 0\.05 s"):
                end.result(PATIENCE)


def test_what_fails_leaves_the_turn_to_the_next() -> None:
    turn = Turn()
    with pytest.raises(StateError, match="no answer"), turn.taken():
        raise StateError("no answer")
    with turn.taken():
        assert in_line(turn) == 0


def test_so_many_have_their_turn_at_once_and_the_next_in_the_order_they_came() -> None:
    turn, came, let_in = Turn(2), list[int](), list[int]()

    def work(number: int) -> None:
        with turn.taken(ahead=number == AHEAD):
            let_in.append(number)
            until(lambda: len(came) == 5)

    with ThreadPoolExecutor(5) as threads:
        for number in range(5):
            threads.submit(work, number)
            until(lambda number=number: len(let_in) + in_line(turn) == number + 1)  # type: ignore[misc]
        assert let_in == [0, 1]
        came += range(5)
    assert let_in[2:] == [AHEAD, 2, 3]


def test_who_is_interrupted_in_line_keeps_its_place_from_nobody() -> None:
    interrupted = threading.Event()

    def clock() -> float:
        if interrupted.is_set():
            raise KeyboardInterrupt
        return 0.0

    turn = Turn(monotonic=clock)
    with turn.taken():
        interrupted.set()
        with pytest.raises(KeyboardInterrupt), turn.taken():
            pytest.fail("two write at once")
        interrupted.clear()
        assert in_line(turn) == 0
    with turn.taken():
        assert in_line(turn) == 0
