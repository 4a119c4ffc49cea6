"""The one bell that everything rings, and that only the loop answers."""

from __future__ import annotations

import threading
from enum import StrEnum


class Reason(StrEnum):
    """Why a pass begins."""

    START = "start"
    SCHEDULE = "schedule"
    RELOAD = "reload"
    FILE_CHANGE = "file change"
    BOUNDARY = "boundary"
    RETRY = "retry"


ASKED_BY_A_PERSON = frozenset({Reason.RELOAD, Reason.FILE_CHANGE})
"""The reasons behind which somebody has seen to something: read the files again, try again."""


class Bell:
    """
    Collects the reasons to run a pass until they are answered, all at once.

    Many rings are one; a ring while a pass runs is kept for the next. Any thread
    may ring, but no signal handler: it could interrupt the very thread that
    holds the lock.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung = threading.Event()
        self._reasons: set[Reason] = set()
        self._bug: BaseException | None = None

    def ring(self, reason: Reason) -> None:
        """Ask for a pass."""
        with self._lock:
            self._reasons.add(reason)
            self._rung.set()

    def wake(self) -> None:
        """End the wait without asking for a pass: there is something else to look at."""
        self._rung.set()

    def report(self, bug: BaseException) -> None:
        """Hand over what ended a helping thread, so that it ends the loop and not in silence."""
        with self._lock:
            self._bug = bug
            self._rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait to be rung or woken, so long at most; whether it was."""
        return self._rung.wait(seconds)

    def answer(self) -> frozenset[Reason]:
        """
        Take all reasons since the last answer; none when nobody rang.

        Raises what was reported.
        """
        with self._lock:
            self._rung.clear()
            reasons, self._reasons = frozenset(self._reasons), set()
            if self._bug is not None:
                raise self._bug
        return reasons
