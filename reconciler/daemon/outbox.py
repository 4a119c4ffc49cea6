"""
Letters on their way, in a thread of their own: no pass ever waits for one, or fails by one.

The queue is bounded. A letter that cannot be delivered is tried again a few
times, then told in the log and dropped; so is one that finds the queue full.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import structlog

from reconciler.daemon.letter import Letter

log = structlog.get_logger()

ROOM = 100
TRIES = 3
PAUSE = 5.0
FAREWELL = 5.0
"""Seconds that the end of the daemon waits for letters still on their way."""


class NotDelivered(Exception):
    """A letter did not arrive; the message says why, with no address and no secret in it."""


class Target(Protocol):
    """Somebody who is told."""

    @property
    def name(self) -> str:
        """What the log calls it; no secret."""

    def deliver(self, letter: Letter) -> None:
        """Deliver it now, once. Raises NotDelivered."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    target: Target
    letter: Letter


class Outbox:
    """
    Takes letters from the loop, and delivers them one after the other.

    Its thread begins with the first one: most tenants never have any.
    """

    def __init__(self, *, room: int = ROOM, pause: float = PAUSE) -> None:
        self._queue: queue.Queue[_Parcel | None] = queue.Queue(room)
        self._pause = pause
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="notify", daemon=True)

    def post(self, letter: Letter, targets: Sequence[Target]) -> None:
        """Hand over a letter; returns at once. Only the loop's thread calls it."""
        if targets and not self._thread.is_alive():
            self._thread.start()
        for target in targets:
            try:
                self._queue.put_nowait(_Parcel(target, letter))
            except queue.Full:
                log.warning("nobody is told: too much is waiting", to=target.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let what is on its way go out, each tried once more at most, for a few seconds."""
        self._closing.set()
        if not self._thread.is_alive():
            return
        try:
            self._queue.put(None, timeout=FAREWELL)
        except queue.Full:
            return
        self._thread.join(FAREWELL)

    def _work(self) -> None:
        while (parcel := self._queue.get()) is not None:
            self._deliver(parcel)

    def _deliver(self, parcel: _Parcel) -> None:
        told = log.bind(to=parcel.target.name, topic=parcel.letter.message.topic.value)
        for tried in range(1, TRIES + 1):
            why = _trouble(parcel)
            if why is None:
                return
            told.warning("not told", error=why, tried=tried)
            if self._closing.wait(self._pause * tried):
                return


def _trouble(parcel: _Parcel) -> str | None:
    try:
        parcel.target.deliver(parcel.letter)
    except NotDelivered as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a library of a hundred services may raise anything
        return f"it broke ({type(error).__name__})"
    return None
