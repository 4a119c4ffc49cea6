"""
Leases: who may do what only one may do at a time, across processes and machines.

A lease is a row with a holder and a ttl. Its holder renews it at a third of that ttl,
and stops believing in it a whole ttl, by its own monotonic clock, after it last *began*
to renew. Somebody else takes it over only when

- it was given back; or
- its process is provably gone, seen from the same machine (`Holder.sees_gone`); or
- they have watched the row a whole ttl, by their own monotonic clock, without a renewal
  (`outwatched`); no clock of another machine has a say in that, so clocks may differ; or
- the time of day is past its end by more than clocks are let to differ (`TOLERANCE`), so
  that what died yesterday keeps nobody waiting.

Rows are never deleted: with every new holder the fencing token, `fence`, grows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from reconciler.state.holder import Holder
from reconciler.state.schema import MICROSECOND, leases
from reconciler.state.store import Store

SEAT: Final = "seat"
PASS: Final = "pass"  # noqa: S105 - the lease's name
TOKEN: Final = "token"  # noqa: S105 - the lease's name

TTL: Final = timedelta(seconds=45)
"""How long a lease outlives its holder: a dead one's is taken over within a minute."""

TOLERANCE: Final = timedelta(minutes=10)
"""How far apart the clocks of machines sharing a state may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A lease held. `fence` is larger than that of every holder before."""

    name: str
    holder: Holder
    nonce: str
    fence: int
    since: datetime
    expires_at: datetime
    ttl: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lease somebody else has. Two that are equal have no renewal between them."""

    holder: Holder
    since: datetime
    expires_at: datetime
    ttl: timedelta
    fence: int
    beat: int


class Watch:
    """How long one observer has seen somebody's lease without a renewal."""

    def __init__(self) -> None:
        self._held: Held | None = None
        self._seen_at = 0.0

    def see(self, held: Held, monotonic: float) -> bool:
        """Note what was answered, after it was; True when it is another holder than before."""
        before = self._held
        if held != before:
            self._held, self._seen_at = held, monotonic
        return before is None or before.fence != held.fence

    def outwatched(self, monotonic: float) -> Held | None:
        """The lease that was seen unchanged for longer than it lives, if there is one."""
        if self._held is None or monotonic - self._seen_at <= self._held.ttl.total_seconds():
            return None
        return self._held


def ttl_for(longest_write: timedelta) -> timedelta:
    """How long the lease on writing has to live, when each write needs that much left of it."""
    return max(TTL, longest_write * 3 / 2)


def acquire(
    store: Store,
    name: str,
    *,
    holder: Holder,
    ttl: timedelta,
    now: datetime,
    outwatched: Held | None = None,
) -> Grant | Held:
    """
    Take the lease, or say who has it.

    `outwatched` is what an earlier call answered, when the caller has since seen it
    unchanged for its whole ttl: it is taken over if it is unchanged still.
    """
    with store.read() as connection:  # so that those who wait do not queue up to write
        held = _held(_row(connection, store.tenant, name))
        if held and not _is_over(held, holder, now, outwatched):
            return held
    with store.write() as connection:
        row = _row(connection, store.tenant, name)
        held = _held(row)
        if held and not _is_over(held, holder, now, outwatched):
            return held
        fence = row.fence + 1 if row else 1
        grant = _grant(name, holder, ttl, now, fence)
        _write(connection, store.tenant, grant, new=row is None)
        return grant


def renew(store: Store, grant: Grant, *, now: datetime) -> Grant | None:
    """Begin the lease's time anew. None when somebody else has taken it over."""
    expires_at = now + grant.ttl
    with store.write() as connection:
        renewal = update(leases).where(_is_still(store.tenant, grant))
        done = connection.execute(
            renewal.values(beat=leases.c.beat + 1, expires_at=expires_at)
        ).rowcount
    if not done:
        return None
    return replace(grant, expires_at=expires_at)


def release(store: Store, grant: Grant) -> None:
    """Give the lease back. Does nothing when it is somebody else's by now."""
    with store.write() as connection:
        connection.execute(update(leases).where(_is_still(store.tenant, grant)).values(nonce=None))


def holder_of(store: Store, name: str) -> Held | None:
    """Who has the lease by the row alone, dead or alive; None when it is free."""
    with store.read() as connection:
        return _held(_row(connection, store.tenant, name))


def _is_over(held: Held, observer: Holder, now: datetime, outwatched: Held | None) -> bool:
    return (
        held == outwatched or held.expires_at + TOLERANCE < now or observer.sees_gone(held.holder)
    )


def _grant(name: str, holder: Holder, ttl: timedelta, now: datetime, fence: int) -> Grant:
    return Grant(
        name=name,
        holder=holder,
        nonce=uuid4().hex,
        fence=fence,
        since=now,
        expires_at=now + ttl,
        ttl=ttl,
    )


def _write(connection: Connection, tenant: str, grant: Grant, *, new: bool) -> None:
    here = {"tenant": tenant, "name": grant.name}
    values = {
        "fence": grant.fence,
        "beat": 0,
        "nonce": grant.nonce,
        "host": grant.holder.host,
        "pid": grant.holder.pid,
        "started": grant.holder.started,
        "boot": grant.holder.boot,
        "namespace": grant.holder.namespace,
        "since": grant.since,
        "expires_at": grant.expires_at,
        "ttl": grant.ttl // MICROSECOND,
    }
    if new:
        connection.execute(insert(leases).values(**here, **values))
    else:
        connection.execute(update(leases).where(_named(tenant, grant.name)).values(**values))


def _named(tenant: str, name: str) -> ColumnElement[bool]:
    return and_(leases.c.tenant == tenant, leases.c.name == name)


def _is_still(tenant: str, grant: Grant) -> ColumnElement[bool]:
    return and_(_named(tenant, grant.name), leases.c.nonce == grant.nonce)


def _row(connection: Connection, tenant: str, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(leases).where(_named(tenant, name))).one_or_none()


def _held(row: Row[tuple[object, ...]] | None) -> Held | None:
    if row is None or row.nonce is None:
        return None
    return Held(
        holder=Holder(
            host=row.host,
            pid=row.pid,
            boot=row.boot,
            namespace=row.namespace,
            started=row.started,
        ),
        since=row.since,
        expires_at=row.expires_at,
        ttl=row.ttl * MICROSECOND,
        fence=row.fence,
        beat=row.beat,
    )
