"""What the tenants of one process share: the states and the seats in each, and the pages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Self

from reconciler.cli.seating import Seating
from reconciler.cli.servers import Servers
from reconciler.cli.stores import Stores
from reconciler.daemon.schedule import Clockwork
from reconciler.daemon.turnstile import Turnstile
from reconciler.state.holder import Holder


class House:
    """
    Made before the first tenant and closed after the last one; threads share it.

    A bug of what they share, which is no one tenant's, goes to `report`.
    """

    def __init__(
        self, *, observe: bool, me: Holder, report: Callable[[BaseException], None]
    ) -> None:
        self.observe = observe
        self.servers = Servers(many=True, report=report)
        self.stores = Stores()
        self.clockwork = Clockwork()
        self.turnstile = Turnstile()
        self.me = me
        self._report = report
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._seatings: dict[str, Seating] = {}

    def seating(self, place: str) -> Seating:
        """Who looks to the seats of a state; the first one to ask begins it."""
        with self._lock:
            if place not in self._seatings:
                self._seatings[place] = Seating(place, self.stores.open, self.me, self._report)
                self._seatings[place].start()
            return self._seatings[place]

    def __enter__(self) -> Self:
        self._stack.enter_context(closing(self.stores))
        self._stack.enter_context(self.clockwork)
        self._stack.enter_context(self.turnstile)
        return self

    def __exit__(self, *_: object) -> None:
        seatings = self._seatings.values()
        for each in seatings:
            each.stop()
        for each in seatings:  # all at once: each may wait for a state of its own
            each.join()
        self._stack.close()
