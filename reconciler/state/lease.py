"""
Leases: who may do what only one may do at a time, across processes and machines.

A lease is a row with a holder and a ttl. Its holder renews it at a third of that ttl or
sooner (`renewed_every`), and stops believing in it a whole ttl, by its own monotonic clock,
after it last *began* to renew. Somebody else takes it over only when

- it was given back, or this process knows that it tried to and could not; or
- its process is provably gone, seen from the same machine (`Holder.sees_gone`); or
- they have watched the row a whole ttl, by their own monotonic clock, without a renewal
  (`outwatched`); no clock of another machine has a say in that, so clocks may differ; or
- the time of day is past its end by more than clocks are let to differ (`TOLERANCE`), and
  they have watched the row for half as long again as a live holder lets pass between two
  renewals: what died yesterday keeps nobody waiting long, and who only has a wrong clock
  takes nothing from the living.

Rows are never deleted: with every new holder the fencing token, `fence`, grows.

Taking a lease over waits its turn among the tenant's writers and locks the row; renewing and
giving back are one statement each, about a row that still has the nonce of the grant. So
a renewal waits for nobody's transaction, and never overtakes one that takes the lease.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, select, update

from reconciler.errors import StateError
from reconciler.state.holder import Holder
from reconciler.state.schema import MICROSECOND, leases
from reconciler.state.store import Store

SEAT: Final = "seat"
PASS: Final = "pass"  # noqa: S105 - the lease's name
TOKEN: Final = "token"  # noqa: S105 - the lease's name

TTL: Final = timedelta(seconds=20)
"""
How long a lease outlives its holder: one that dies with its machine is taken over within 30 s.

Long enough for a busy holder: renewed at a third of it, it is lost only when three renewals
in a row come to nothing.
"""

TOLERANCE: Final = timedelta(minutes=10)
"""How far apart the clocks of machines sharing a state may be, for the time of day to count."""

SELDOM: Final = timedelta(seconds=15)
"""How often a holder renews at least, however long its lease lives."""


_given_up: Final[set[str]] = set()
"""
Nonces that nobody believes in any more, although a row may have them still.

Of this process, whichever store it used: giving the lease back failed, or whether it was
granted was never learned.
"""


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
        self._seen: tuple[Held, float] | None = None  # one value, so that threads may look

    def see(self, held: Held, monotonic: float) -> bool:
        """Note what was answered, after it was; True when it is another holder than before."""
        before = self._seen[0] if self._seen else None
        if held != before:
            self._seen = held, monotonic
        return before is None or before.fence != held.fence

    def outwatched(self, monotonic: float, now: datetime) -> Held | None:
        """
        The lease that was seen unchanged for longer than it lives, if there is one.

        Where it is long over by the time of day, too, a shorter silence will do.
        """
        if self._seen is None:
            return None
        held, seen_at = self._seen
        enough = silence(held.ttl) if held.expires_at + TOLERANCE < now else held.ttl
        return held if monotonic - seen_at > enough.total_seconds() else None

    def copy(self) -> Watch:
        """The same watch, for another observer of this process to go on with."""
        watch = Watch()
        watch._seen = self._seen
        return watch


def ttl_for(longest_write: timedelta) -> timedelta:
    """
    How long the lease on writing has to live, when each write needs that much left of it.

    With the default `timeout` of 30 s that is 45 s. After a machine was lost its
    seat moves within 30 s, and the new one's first pass begins when the dead one's
    lease on writing is over too: until then a request of it might still land.
    """
    return max(TTL, longest_write * 3 / 2)


def renewed_every(ttl: timedelta) -> timedelta:
    """How often the holder of a lease that lives so long renews it."""
    return min(ttl / 3, SELDOM)


def silence(ttl: timedelta) -> timedelta:
    """How long without a renewal no live holder lets such a lease be: half its life at most."""
    return renewed_every(ttl) * 3 / 2


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
    unchanged for long enough (`Watch`): it is taken over if it is unchanged still.
    """
    mine = _grant(name, holder, ttl, now)
    here = select(leases).where(_named(store.tenant, name))
    with store.read() as connection:  # so that those who wait do not queue up to write
        held = held_by(connection.execute(here).one_or_none())
        if held and not is_over(held, holder, outwatched):
            return held
    try:
        return _take(store, here, mine, outwatched)
    except StateError:
        _given_up.add(mine.nonce)  # the answer may be what was lost
        raise


def _take(
    store: Store, here: Select[tuple[object, ...]], mine: Grant, outwatched: Held | None
) -> Grant | Held:
    with store.write() as connection:
        row = connection.execute(here.with_for_update()).one_or_none()
        held = held_by(row)
        if held and not is_over(held, mine.holder, outwatched):
            return held
        if row is None:
            new = insert(leases).values(tenant=store.tenant, name=mine.name)
            connection.execute(new.values(_values(mine)))
            return mine
        mine = replace(mine, fence=row.fence + 1)
        named = _named(store.tenant, mine.name)
        connection.execute(update(leases).where(named).values(_values(mine)))
        return mine


def renew(store: Store, grant: Grant, *, now: datetime) -> Grant | None:
    """Begin the lease's time anew. None when somebody else has taken it over."""
    expires_at = now + grant.ttl
    renewal = update(leases).where(_is_still(store.tenant, grant))
    with store.write_across() as connection:
        done = connection.execute(
            renewal.values(beat=leases.c.beat + 1, expires_at=expires_at)
        ).rowcount
    return replace(grant, expires_at=expires_at) if done else None


def release(store: Store, grant: Grant) -> None:
    """Give the lease back. Does nothing when it is somebody else's by now."""
    try:
        with store.write_across() as connection:
            still = _is_still(store.tenant, grant)
            connection.execute(update(leases).where(still).values(nonce=None))
    except StateError:
        _given_up.add(grant.nonce)
        raise


def holder_of(store: Store, name: str) -> Held | None:
    """Who has the lease by the row alone, dead or alive; None when it is free."""
    with store.read() as connection:
        return holder_in(connection, store.tenant, name)


def holder_in(connection: Connection, tenant: str, name: str) -> Held | None:
    """The same, as this transaction sees it."""
    here = select(leases).where(_named(tenant, name))
    return held_by(connection.execute(here).one_or_none())


def is_still(connection: Connection, tenant: str, grant: Grant) -> bool:
    """
    Whether the row has this very grant, by its fencing token and its nonce.

    In a writing transaction of the tenant that stays so until it ends: who takes a lease
    over waits for the tenant's writers. The nonce counts too, because a database that lost
    its last transactions gives the same token out anew.
    """
    here = select(leases.c.fence).where(_is_still(tenant, grant))
    return connection.scalar(here) == grant.fence


def held_by(row: Row[tuple[object, ...]] | None) -> Held | None:
    """Who has the lease of this row; None when it was given back, or given up here."""
    if row is None or row.nonce is None or row.nonce in _given_up:
        return None
    return Held(
        holder=Holder.of(row),
        since=row.since,
        expires_at=row.expires_at,
        ttl=row.ttl * MICROSECOND,
        fence=row.fence,
        beat=row.beat,
    )


def is_over(held: Held, observer: Holder, outwatched: Held | None) -> bool:
    """Whether the observer, who has outwatched that much, may take it over."""
    return held == outwatched or observer.sees_gone(held.holder)


def _grant(name: str, holder: Holder, ttl: timedelta, now: datetime) -> Grant:
    return Grant(
        name=name,
        holder=holder,
        nonce=uuid4().hex,
        fence=1,
        since=now,
        expires_at=now + ttl,
        ttl=ttl,
    )


def _values(grant: Grant) -> dict[str, object]:
    return {
        "fence": grant.fence,
        "beat": 0,
        "nonce": grant.nonce,
        **asdict(grant.holder),
        "since": grant.since,
        "expires_at": grant.expires_at,
        "ttl": grant.ttl // MICROSECOND,
    }


def _named(tenant: str, name: str) -> ColumnElement[bool]:
    return and_(leases.c.tenant == tenant, leases.c.name == name)


def _is_still(tenant: str, grant: Grant) -> ColumnElement[bool]:
    return and_(_named(tenant, grant.name), leases.c.nonce == grant.nonce)
