"""
Watching who writes.

A dead worker's lease on writing has then been watched for a while already when its job is
tried again, and need not be from there on.
"""

from __future__ import annotations

import threading

from sqlalchemy import select

from reconciler.state.clock import SYSTEM, Clock
from reconciler.state.lease import PASS, Watch, held_by
from reconciler.state.schema import leases
from reconciler.state.store import Store


class WritersWatch:
    """The watches of all leases on writing in one state. Threads may share it."""

    def __init__(self, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._watches: dict[str, Watch] = {}

    def look(self, store: Store) -> None:
        """See who has them now; to be called every few seconds. Raises StateError."""
        with store.read() as connection:
            rows = connection.execute(select(leases).where(leases.c.name == PASS)).all()
        seen_at = self._clock.monotonic()
        taken = {row.tenant: held for row in rows if (held := held_by(row)) is not None}
        with self._lock:
            self._watches = {tenant: self._watches.get(tenant, Watch()) for tenant in taken}
            for tenant, held in taken.items():
                self._watches[tenant].see(held, seen_at)

    def of(self, tenant: str) -> Watch | None:
        """The watch of one of them so far; None where nobody had it at the last look."""
        with self._lock:
            watch = self._watches.get(tenant)
            return None if watch is None else watch.copy()
