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
from collections.abc import Callable
from typing import Self

TICK = 0.02
"""Seconds that are slept to see how much later one wakes: how far behind the process is."""

BEHIND = 0.1
"""Seconds late from which on nobody is let in: about twenty threads are ready to run by then."""

AT_LEAST = 0.25
"""Seconds after which one is let in although the process is behind: it may be another's doing."""

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

    def go_through(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Wait to be let in, or for `stop`. Calls `beat` now and then meanwhile."""
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
        if late >= BEHIND and now - self._last < AT_LEAST:
            return
        self._last = now
        with self._changed:
            self._waiting.popleft().set()
