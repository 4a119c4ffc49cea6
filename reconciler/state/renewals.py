"""
One thread that renews all leases a process has in one database, with one statement.

Hundreds of tenants have a seat each. A thread and a transaction for each of them would cost a
good part of a core, and on a file's one turn for writers they would stand in line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import BigInteger, Connection, literal, select, type_coerce, update

from reconciler.errors import StateError
from reconciler.state.clock import Clock
from reconciler.state.lease import Grant, renewed_every
from reconciler.state.schema import EPOCH, MICROSECOND, leases
from reconciler.state.store import Store

Told: TypeAlias = Callable[[float | None], None]
"""Told what became of a lease: the monotonic time its renewal began at, or None: it is lost."""

RETRY_SECONDS: Final = 1.0
AT_ONCE: Final = 500
"""How many leases one statement renews: the databases take no more than some thousand values."""


class Renewer:
    """Renews what is added to it, as often as the shortest life asks, until removed or lost."""

    @classmethod
    def of(cls, store: Store, clock: Clock) -> Renewer:
        """The one that all leases in this store's database share."""
        return store.shared((cls, clock), lambda: cls(store.sibling(store.tenant), clock))

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._changed = threading.Condition()
        self._leases: dict[str, tuple[Grant, Told]] = {}
        self._thread: threading.Thread | None = None

    def add(self, grant: Grant, told: Told) -> None:
        """Renew it from now on. It is told from another thread, and must return soon."""
        with self._changed:
            self._leases[grant.nonce] = grant, told
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def remove(self, grant: Grant) -> None:
        """Renew it no more. With the last one, returns when nothing is under way any more."""
        with self._changed:
            self._leases.pop(grant.nonce, None)
            if self._leases or self._thread is None:
                return
            ended, self._thread = self._thread, None
            self._changed.notify_all()
        ended.join()

    def _run(self) -> None:
        try:
            self._renew_until_ended()
        except BaseException:
            self._give_up()
            raise

    def _renew_until_ended(self) -> None:
        began, failed = time.monotonic(), False
        while leases := self._due(began, failed=failed):
            began, failed = time.monotonic(), not self._renew(leases)

    def _give_up(self) -> None:
        """Tell that all are lost: a bug ends this thread, and nobody may go on believing in it."""
        with self._changed:
            leases, self._leases = self._leases, {}
            if self._thread is threading.current_thread():
                self._thread = None
        for _, told in leases.values():
            told(None)

    def _due(self, began: float, *, failed: bool) -> dict[str, Told]:
        """Wait until it is time again; nothing when this thread is to end."""
        with self._changed:
            while self._leases and self._thread is threading.current_thread():
                left = began + self._pause(failed=failed) - time.monotonic()
                if left <= 0:
                    return {nonce: told for nonce, (_, told) in self._leases.items()}
                self._changed.wait(left)
            if self._thread is threading.current_thread():
                self._thread = None
            return {}

    def _pause(self, *, failed: bool) -> float:
        shortest = min(grant.ttl for grant, _ in self._leases.values())
        regular = renewed_every(shortest).total_seconds()
        return min(RETRY_SECONDS, regular) if failed else regular

    def _renew(self, leases: dict[str, Told]) -> bool:
        began = self._clock.monotonic()
        try:
            kept, lost = renew_all(self._store, leases.keys(), now=self._clock.now())
        except StateError:
            return False  # the keepers tell when it has been too long
        for nonce in kept:
            leases[nonce](began)
        for nonce in lost:
            with self._changed:
                self._leases.pop(nonce, None)
            leases[nonce](None)
        return True


def renew_all(store: Store, nonces: Collection[str], *, now: datetime) -> tuple[set[str], set[str]]:
    """
    Begin the time of all these leases anew; those it was done to, and those that are lost.

    One whose row somebody is writing just now is neither: it is not waited for.
    """
    kept: set[str] = set()
    missed: set[str] = set()
    with store.write_across() as connection:
        for some in _parts(sorted(nonces)):
            renewed = _renew(connection, some, now)
            there = select(leases.c.nonce).where(leases.c.nonce.in_(set(some) - renewed))
            kept |= renewed
            missed |= set(connection.scalars(there)) if len(renewed) < len(some) else set()
    return kept, set(nonces) - kept - missed


def _renew(connection: Connection, nonces: Collection[str], now: datetime) -> set[str]:
    free = select(leases.c.nonce).where(leases.c.nonce.in_(nonces))
    renewed = set(connection.scalars(free.with_for_update(skip_locked=True)))
    micros = literal((now - EPOCH) // MICROSECOND, BigInteger) + leases.c.ttl
    connection.execute(
        update(leases)
        .where(leases.c.nonce.in_(renewed))
        .values(beat=leases.c.beat + 1, expires_at=type_coerce(micros, leases.c.expires_at.type))
    )
    return renewed


def _parts(nonces: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(nonces), AT_ONCE):
        yield nonces[start : start + AT_ONCE]
