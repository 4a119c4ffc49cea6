"""
Which tenants of this process sit here: shared out with the other daemons of the same state.

Every few seconds it says on the roster that this process lives and whom it
would serve, looks who else does, and works out who should have which tenant.
All who look see the same and come to the same; where they do not yet, the seats
themselves, which are leases, let only one have a tenant.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from reconciler.cli.absence import Absence
from reconciler.cli.recall import Recall
from reconciler.cli.stores import Opener
from reconciler.daemon.sharing import share_out
from reconciler.errors import ConfigError, Location, Problem, StateError
from reconciler.state.holder import Holder
from reconciler.state.latest import Latest
from reconciler.state.lease import Watch
from reconciler.state.roster import Lookout, Roster

log = structlog.get_logger()

LOOK = 4.0
"""Seconds between looks. A dead daemon's seats are taken a lease's life and one look later."""

FIRST_LOOK = 2.0
"""Seconds before the first one: daemons started together share before they begin."""

INVITED = 8
"""How many looks find a guest invited and not seated before others may have its tenant."""

FAILED = 3
"""How many passes of a tenant fail in a row before another daemon, if there is one, is to try."""

ANOTHER_S_TURN = 1800.0
"""Seconds until a tenant whose passes failed here may come back, while others would serve it."""

ROSTER = "roster"
"""Under which name of a tenant the roster's own part of the state is opened."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A seat is free for the taking: how long it, and the lease on writing, were watched."""

    seat: Watch
    writing: Watch


class Guest(Protocol):
    """A tenant of this process, as its seating sees it. Called from the seating's thread."""

    @property
    def path(self) -> Path:
        """The file it is read from."""
        ...

    @property
    def is_sitting(self) -> bool:
        """Whether its passes run here."""
        ...

    @property
    def failures(self) -> int:
        """How many of its passes here failed in a row, for want of anything but the state."""
        ...

    def invite(self, invitation: Invitation) -> None:
        """Take the seat."""

    def let_go(self) -> None:
        """Leave the seat to another daemon as soon as no pass is in hand."""

    def sits_elsewhere(self, holder: str | None) -> None:
        """Somebody else has the seat, or nobody yet."""

    @property
    def asks_the_record(self) -> bool:
        """Whether it has pages, and no passes here that they could tell of."""
        ...

    def recalls(self, latest: Latest | None) -> None:
        """Its last pass on record; None where nothing is known. Called from another thread."""


class Seating:
    """
    The guests of one state, and the thread that looks to their seats.

    What ends that thread goes to `report`: unseen, no tenant would be seated any more.
    """

    def __init__(
        self, place: str, opens: Opener, me: Holder, report: Callable[[BaseException], None]
    ) -> None:
        self._place = place
        self._opens = opens
        self._me = me
        self._report = report
        self._lock = threading.Lock()
        self._guests: dict[str, Guest] = {}
        self._invited: Counter[Guest] = Counter()
        self._not_here: dict[str, float] = {}  # until when; of the looking thread alone
        self._absence = Absence("no seats are looked for: no state")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="seating", daemon=True)
        self._recall = Recall(lambda: opens(place, ROSTER), self._asking, self._done, report)

    def start(self) -> None:
        self._thread.start()
        self._recall.start()

    def stop(self) -> None:
        """Look no more, and leave the roster."""
        self._done.set()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()
        self._recall.join()

    @contextmanager
    def guest(self, tenant: str, guest: Guest) -> Iterator[None]:
        """Look to this one's seat while the context lasts. Raises ConfigError for a second one."""
        with self._lock:
            other = self._guests.setdefault(tenant, guest)
        if other is not guest:
            told = f"{tenant} is served by {other.path} already, with the same state"
            place = Location(guest.path.as_posix(), 1, 1)
            raise ConfigError([Problem(place, f"{told}; take one of the two away")])
        try:
            yield
        finally:
            with self._lock:
                del self._guests[tenant]
                del self._invited[guest]

    def _asking(self) -> dict[str, Guest]:
        with self._lock:
            guests = dict(self._guests)
        return {tenant: guest for tenant, guest in guests.items() if guest.asks_the_record}

    def _keep_looking(self) -> None:
        try:
            self._look_until_done()
        except BaseException as bug:  # noqa: BLE001 - it would end in silence in this thread
            self._report(bug)

    def _look_until_done(self) -> None:
        pause = FIRST_LOOK
        while not self._done.wait(pause):
            try:
                with contextlib.closing(self._opens(self._place, ROSTER)) as store:
                    self._look_at(Roster(store, self._me))
            except StateError as error:
                self._absence.begins(error)
            pause = LOOK

    def _look_at(self, roster: Roster) -> None:
        """Look until the end, or until the state fails."""
        while True:
            with self._lock:
                guests = dict(self._guests)
            roster.beat([tenant for tenant in guests if self._would_serve(tenant, guests[tenant])])
            seen = roster.look()
            self._absence.ends()
            self._think_again(guests, seen)
            self._seat(guests, seen)
            if self._done.wait(LOOK):
                roster.leave()
                return

    def _would_serve(self, tenant: str, guest: Guest) -> bool:
        # Who hangs is served by another; it is back when it registers anew.
        return tenant not in self._not_here and self._invited[guest] < INVITED

    def _think_again(self, guests: dict[str, Guest], seen: Lookout) -> None:
        """
        Leave to others, for a while, the tenants whose passes fail here.

        What keeps them from it may be this machine's alone: its network, a secret. A tenant
        that nobody else would serve is served here all the same.
        """
        others = (tenants for member, tenants in seen.members.items() if member != self._me)
        elsewhere = frozenset[str]().union(*others)
        now = time.monotonic()
        self._not_here = {
            tenant: until
            for tenant, until in self._not_here.items()
            if tenant in elsewhere and now < until
        }
        for tenant in (guests.keys() & elsewhere) - self._not_here.keys():
            guest = guests[tenant]
            if guest.is_sitting and guest.failures >= FAILED:
                self._not_here[tenant] = now + ANOTHER_S_TURN
                log.warning(
                    "its passes fail here; another daemon is to try",
                    tenant=tenant,
                    file=str(guest.path),
                    not_here_for_seconds=round(ANOTHER_S_TURN),
                )

    def _seat(self, guests: dict[str, Guest], seen: Lookout) -> None:
        held = {tenant: seat.holder for tenant, seat in seen.seats.items()}
        owners = share_out(seen.members, held)
        for tenant, guest in guests.items():
            if guest.is_sitting:
                if owners.get(tenant, self._me) != self._me:
                    guest.let_go()
            elif owners.get(tenant) == self._me and tenant in seen.free:
                self._count(tenant, guest)
                guest.invite(Invitation(seen.free[tenant], seen.passes[tenant]))
            else:
                guest.sits_elsewhere(str(held[tenant]) if tenant in held else None)

    def _count(self, tenant: str, guest: Guest) -> None:
        """Note that it was invited, unless it has gone meanwhile."""
        with self._lock:
            if self._guests.get(tenant) is guest:
                self._invited[guest] += 1
