"""
Who may begin to work in a process of many, one after the other as it can bear them.

Python runs one thread at a time. Where hundreds are ready to run each waits
seconds for its turn, in the middle of a transaction too, and they fail by each
other's time limits. So what begins something, a pass or the reading of a file,
waits here while the process is behind. Whoever waits for a slow service is not
ready to run, makes nobody late, and is not counted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

TICK = 0.02
"""Seconds that are slept to see how much later one wakes: how far behind the process is."""

BEHIND = 0.1
"""Seconds late from which on nobody is let in: about twenty threads are ready to run by then."""

FEW = 24
"""How many at work are no crowd: where the process is behind all the same, others are to blame."""

AT_LEAST = 0.25
"""Seconds after which one is let in although the process is behind, where few are at work."""

SELDOM = 5.0
"""The same where many are: what they have begun is to be finished first."""

_SLICE = 1.0


class Turnstile:
    """Lets one after the other in; a thread measures, and only while somebody waits."""

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._waiting: deque[threading.Event] = deque()
        self._last = monotonic()
        self._at_work = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="turnstile", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    @contextmanager
    def inside(self, stop: threading.Event, beat: Callable[[], None]) -> Iterator[None]:
        """Wait to be let in, or for `stop`, and be at work while the context lasts."""
        self._wait(stop, beat)
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1

    def _wait(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Wait for one's turn. Calls `beat` now and then meanwhile."""
        mine = threading.Event()
        with self._changed:
            self._waiting.append(mine)
            self._changed.notify_all()
        while not (mine.wait(_SLICE) or stop.is_set()):
            beat()

    def _run(self) -> None:
        while self._is_wanted():
            began = self._monotonic()
            self._sleep(TICK)
            self._measured(self._monotonic() - began - TICK)

    def _is_wanted(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return not self._closed

    def _measured(self, late: float) -> None:
        """Let the next one in, unless the process is behind and did so just now."""
        now = self._monotonic()
        pause = AT_LEAST if self._at_work < FEW else SELDOM
        if late >= BEHIND and now - self._last < pause:
            return
        self._last = now
        with self._changed:
            self._waiting.popleft().set()
