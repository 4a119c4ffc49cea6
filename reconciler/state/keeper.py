"""Holding a lease for as long as a block of code lasts, and knowing how much of it is left."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeAlias

from sqlalchemy import Connection

from reconciler.errors import Busy, StateError
from reconciler.state.clock import SYSTEM, Clock
from reconciler.state.holder import Holder
from reconciler.state.lease import (
    PASS,
    SEAT,
    TOKEN,
    TTL,
    Grant,
    Held,
    Watch,
    acquire,
    holder_in,
    holder_of,
    is_still,
    release,
    renew,
)
from reconciler.state.renewals import Renewer
from reconciler.state.store import Store

Waiting: TypeAlias = Callable[[str, datetime], None]
"""Told once for each holder waited for: `HOST:PID`, and since when it has the lease."""

PATIENCE: Final = timedelta(seconds=60)
LOOK_AGAIN_SECONDS: Final = 0.5

SOMEBODY: Final = {
    PASS: "another pass is writing",
    SEAT: "another daemon has the seat",
    TOKEN: "another process is renewing the token",
}


class LeaseKeeper:
    """
    A context manager that takes a lease, has it renewed meanwhile, and gives it back.

    Waits up to `patience` (None: for ever; none at all: it tries once) for somebody
    else's, and raises `Busy` then, or as soon as the event `stop` is set. A `watch` that
    was begun elsewhere is gone on with. Not to be entered twice at once.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        holder: Holder | None = None,
        ttl: timedelta = TTL,
        patience: timedelta | None = PATIENCE,
        waiting: Waiting | None = None,
        stop: threading.Event | None = None,
        watch: Watch | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._store = store
        self._name = name
        self._holder = holder or Holder.this_process()
        self._ttl = ttl
        self._patience = patience
        self._waiting = waiting
        self._stop = stop or threading.Event()
        self._watch = watch or Watch()
        self._clock = clock
        self._renewer = Renewer.of(store, clock)
        self._changing = threading.Lock()
        self._grant: Grant | None = None
        self._lost = False
        self._ends = 0.0

    @property
    def fence(self) -> int:
        """The fencing token of this holding. Raises `Busy` when it is lost."""
        return self._held_still().fence

    @property
    def is_lost(self) -> bool:
        """
        Whether somebody else has taken it over.

        One that has merely run out, because the database is away, is not: it is
        ours again when the database is back and nobody was quicker.
        """
        return self._lost

    @property
    def seconds_left(self) -> float:
        """How long the lease is surely ours, if nothing more happens; 0 when it is lost."""
        if self._grant is None or self._lost:
            return 0.0
        return max(0.0, self._ends - self._clock.monotonic())

    def require(self, seconds_left: float) -> None:
        """Return with more than so much of the lease left, renewed if need be, or raise `Busy`."""
        if self.seconds_left <= seconds_left:
            self._renew()
        grant = self._held_still()
        if (left := self.seconds_left) <= seconds_left:
            raise Busy(
                f"the lease `{self._name}` has {left:.0f} s left, "
                f"and more than {seconds_left:.0f} s are needed",
                remedy="Nothing was begun. Run again; it lives "
                f"{grant.ttl.total_seconds():.0f} s without being renewed.",
            )

    def check(self, connection: Connection) -> None:
        """
        Raise `Busy` unless the database says in this transaction, too, that the lease is ours.

        By our own clock alone it would be ours for a while after a database that lost its
        last transactions, or somebody whose clock is wrong, gave it to another.
        """
        grant = self._grant
        if grant is not None and not is_still(connection, self._store.tenant, grant):
            self._hear(grant, None)
        if grant is None or self._lost:
            raise self._loss(holder_in(connection, self._store.tenant, self._name))

    def __enter__(self) -> Self:
        grant = self._take()
        self._renewer.add(grant, partial(self._hear, grant))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changing:
            grant, self._grant = self._grant, None
        if grant is None:
            return
        self._renewer.remove(grant)
        if not self._lost:
            with contextlib.suppress(StateError):  # else it ends by itself
                release(self._store, grant)

    def _take(self) -> Grant:
        began = self._clock.monotonic()
        watch = self._watch.copy()
        while True:
            tried_at, now = self._clock.monotonic(), self._clock.now()
            answer = acquire(
                self._store,
                self._name,
                holder=self._holder,
                ttl=self._ttl,
                now=now,
                outwatched=watch.outwatched(tried_at, now),
            )
            if isinstance(answer, Grant):
                self._grant, self._lost = answer, False
                self._ends = tried_at + self._ttl.total_seconds()
                return answer
            answered_at = self._clock.monotonic()
            if watch.see(answer, answered_at) and self._waiting is not None:
                self._waiting(str(answer.holder), answer.since)
            self._wait_or_give_up(answer, waited=answered_at - began)

    def _wait_or_give_up(self, held: Held, *, waited: float) -> None:
        patience = None if self._patience is None else self._patience.total_seconds()
        left = LOOK_AGAIN_SECONDS if patience is None else patience - waited
        if left > 0 and not self._stop.wait(min(left, LOOK_AGAIN_SECONDS)):
            return
        raise Busy(
            f"{SOMEBODY.get(self._name, self._name)}: {_whose(held)}; waited {waited:.0f} s",
            remedy="Run again when it is done. If it is dead, its lease ends by itself "
            f"{held.ttl.total_seconds():.0f} s after its last renewal.",
        )

    def _renew(self) -> None:
        grant = self._grant
        if grant is not None:
            began = self._clock.monotonic()
            renewed = renew(self._store, grant, now=self._clock.now())
            self._hear(grant, began if renewed else None)

    def _hear(self, grant: Grant, began: float | None) -> None:
        """Take in that the lease was renewed, by what began then; or that it is lost."""
        with self._changing:
            if self._grant is not grant:
                return
            if began is None:
                self._lost = True
            else:
                self._ends = max(self._ends, began + grant.ttl.total_seconds())

    def _held_still(self) -> Grant:
        grant = self._grant
        if grant is not None and not self._lost:
            return grant
        raise self._loss(holder_of(self._store, self._name))

    def _loss(self, other: Held | None) -> Busy:
        # A database that forgot our grant names who had the lease before: nobody's taking over.
        before = other is not None and self._grant is not None and other.fence < self._grant.fence
        taken = f": taken over by {_whose(other)}" if other and not before else ""
        return Busy(
            f"the lease `{self._name}` is lost{taken}",
            remedy="Nothing was begun since. Run again; if it comes back, this machine sleeps or "
            "is too slow to renew in time.",
        )


def _whose(held: Held) -> str:
    return f"{held.holder} since {held.since:%Y-%m-%dT%H:%M:%SZ}"
