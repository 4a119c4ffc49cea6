"""
The daemons that share the tenants of one state, as each of them sees the others.

Each says every few seconds that it lives and whom it would serve. Who is silent is judged as
leases are: by our own monotonic clock, watching, since clocks of machines differ, and for a
shorter while what by the time of day died long ago; by what this machine knows of its own
processes.
Who looks often enough has thereby watched the leases too, and need not begin to when one is
to be taken over.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Row, delete, insert, select, update

from reconciler.errors import StateError
from reconciler.state.clock import SYSTEM, Clock
from reconciler.state.holder import Holder
from reconciler.state.lease import (
    PASS,
    SEAT,
    TOLERANCE,
    TTL,
    Held,
    Watch,
    held_by,
    is_over,
    silence,
)
from reconciler.state.schema import MICROSECOND, leases, members
from reconciler.state.store import Store

WATCHED: Final = (SEAT, PASS)

_Key: TypeAlias = tuple[str, str]
"""A tenant and the name of its lease; or nothing and the id of a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """
    What one look saw.

    `members` are those who live, with the tenants they would serve, us included.
    Each of those tenants is in `seats`, with who has its seat, or in `free`,
    with the watch to take the seat with. `passes` are the watches of their
    leases on writing, for a pass that has to wait for a dead one's.
    """

    members: Mapping[Holder, frozenset[str]]
    seats: Mapping[str, Held]
    free: Mapping[str, Watch]
    passes: Mapping[str, Watch]


class Roster:
    """One daemon's place among the members. Everything but `leave` raises `StateError`."""

    def __init__(
        self, store: Store, me: Holder, *, ttl: timedelta = TTL, clock: Clock = SYSTEM
    ) -> None:
        self._store = store
        self._me = me
        self._id = json.dumps(asdict(me))
        self._ttl = ttl
        self._clock = clock
        self._watches: dict[_Key, Watch] = {}
        self._looked_at = 0.0
        self._long_dead: dict[str, datetime] = {}

    def beat(self, tenants: Collection[str]) -> None:
        """Say that we live and would serve these; every few seconds, well within the ttl."""
        now = self._clock.now()
        said = {
            "expires_at": now + self._ttl,
            "ttl": self._ttl // MICROSECOND,
            "tenants": json.dumps(sorted(tenants)),
        }
        mine = members.c.id == self._id
        with self._store.write_across() as connection:
            again = update(members).where(mine).values(beat=members.c.beat + 1, **said)
            if not connection.execute(again).rowcount:
                first = {"id": self._id, **asdict(self._me), "since": now, "beat": 0}
                connection.execute(insert(members).values(**first, **said))
            for id, expired_at in self._long_dead.items():
                unchanged = members.c.expires_at == expired_at
                connection.execute(delete(members).where(members.c.id == id, unchanged))

    def look(self) -> Lookout:
        """See who lives and which seats are free. What is silent is watched from look to look."""
        now = self._clock.now()
        with self._store.read() as connection:
            said = connection.execute(select(members)).all()
            rows = connection.execute(select(leases).where(leases.c.name.in_(WATCHED))).all()
        seen_at = self._clock.monotonic()
        if seen_at - self._looked_at > silence(self._ttl).total_seconds():
            # Whoever could not look may be as little to blame for a silence as those who were
            # silent: after an outage of the database each has the time to renew.
            self._watches = {}
        self._looked_at = seen_at
        alive, watches = self._alive(said, now, seen_at)
        wanted = frozenset().union(*alive.values())
        taken = {(row.tenant, row.name): held_by(row) for row in rows if row.tenant in wanted}
        watches |= {
            (tenant, name): self._watch((tenant, name), taken.get((tenant, name)), seen_at)
            for tenant in wanted
            for name in WATCHED
        }
        self._watches = watches
        seats = {
            tenant: held
            for tenant in wanted
            if (held := taken.get((tenant, SEAT)))
            and not is_over(held, self._me, watches[tenant, SEAT].outwatched(seen_at, now))
        }
        return Lookout(
            members=alive,
            seats=seats,
            free={tenant: watches[tenant, SEAT].copy() for tenant in wanted - seats.keys()},
            passes={tenant: watches[tenant, PASS].copy() for tenant in wanted},
        )

    def leave(self) -> None:
        """Say that we serve nobody any more; where that cannot be said, silence tells it."""
        with contextlib.suppress(StateError), self._store.write_across() as connection:
            connection.execute(delete(members).where(members.c.id == self._id))

    def _alive(
        self, rows: Iterable[Row[tuple[object, ...]]], now: datetime, seen_at: float
    ) -> tuple[dict[Holder, frozenset[str]], dict[_Key, Watch]]:
        alive: dict[Holder, frozenset[str]] = {}
        watches: dict[_Key, Watch] = {}
        self._long_dead = {}
        for row in rows:
            sign = _sign_of_life(row)
            watch = watches["", row.id] = self._watch(("", row.id), sign, seen_at)
            silent = is_over(sign, self._me, watch.outwatched(seen_at, now))
            if row.id == self._id or not silent:
                alive[sign.holder] = frozenset(json.loads(row.tenants))
            elif sign.expires_at + TOLERANCE < now:
                self._long_dead[row.id] = sign.expires_at
        return alive, watches

    def _watch(self, key: _Key, held: Held | None, seen_at: float) -> Watch:
        """Go on watching; from the start where there is nothing to watch."""
        watch = self._watches.get(key)
        if watch is None or held is None:
            watch = Watch()
        if held is not None:
            watch.see(held, seen_at)
        return watch


def _sign_of_life(row: Row[tuple[object, ...]]) -> Held:
    return Held(
        holder=Holder.of(row),
        since=row.since,
        expires_at=row.expires_at,
        ttl=row.ttl * MICROSECOND,
        fence=0,
        beat=row.beat,
    )
