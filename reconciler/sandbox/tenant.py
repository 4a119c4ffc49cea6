"""
The simulated tenant: one world with its switches, faults, clock and history.

Safe to use from several threads. A test asks it afterwards how things stand
(`shares`, `collections`, `audit`), and plays the people who change things in
the browser meanwhile (`share`, `unshare`, `rename`, …).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec

from reconciler.sandbox import hand
from reconciler.sandbox.api import handle
from reconciler.sandbox.audit import Changed, Entry, Stamp
from reconciler.sandbox.faults import Fault, Schedule
from reconciler.sandbox.limiter import Limiter
from reconciler.sandbox.messages import Ending, Request, Response
from reconciler.sandbox.spoil import spoil, too_many
from reconciler.sandbox.state import Keep, Late, State, Unkept
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import Collection, PrincipalKey, User, World

P = ParamSpec("P")


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of the request log; `status` is None where no whole answer arrived."""

    method: str
    path: str
    status: int | None


class Tenant:
    """A tenant that answers requests; the state is what it starts from."""

    _world: World
    _switches: Switches
    _audit: list[Entry]
    _late: list[Late]
    _served: int = 0
    _dirty: bool

    def __init__(
        self,
        state: State,
        *,
        faults: Schedule | None = None,
        clock: Callable[[], datetime] = utc_now,
        keep: Keep | None = None,
    ) -> None:
        self.faults = faults or Schedule()
        self._clock = clock
        self._keep = keep or Unkept()
        self._lock = threading.Lock()
        self._limiter = Limiter()
        self._log: list[Exchange] = []
        self._adopt(state)

    # --- asked by whoever carries requests ------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer a request as the service would, faults included; says how the answer ends."""
        with self._up_to_date():
            now = self._clock()
            self._served += 1
            self._land(now)
            response = self._answer(request, now)
            arrived = response.ending is Ending.WHOLE
            status = response.status if arrived else None
            self._log.append(Exchange(request.method, request.path, status))
            return response

    # --- asked by tests and the demo ------------------------------------------------

    @property
    def world(self) -> World:
        with self._up_to_date():
            return self._world

    @property
    def switches(self) -> Switches:
        with self._up_to_date():
            return self._switches

    @property
    def audit(self) -> tuple[Entry, ...]:
        """Everything that took effect, by the API and by hand, in order."""
        with self._up_to_date():
            return tuple(self._audit)

    @property
    def requests(self) -> tuple[Exchange, ...]:
        """Every request that this process carried here, in order."""
        with self._lock:
            return tuple(self._log)

    def collections(self) -> Mapping[int, Collection]:
        """All collections of the tenant by id, whoever reaches them."""
        return self.world.collections

    def shares(self, collection: int) -> dict[PrincipalKey, str]:
        """The level's word of each principal on a collection; the owner is not among them."""
        return dict(self.world.collections[collection].shares)

    # --- changed by hand ------------------------------------------------------------

    def switch(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of Switches
        """Turn some switches."""
        with self._up_to_date():
            self._switches = replace(self._switches, **changes)
            self._dirty = True

    def by_hand(
        self,
        act: Callable[Concatenate[World, Stamp, P], Changed],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Let somebody change the world in the browser, by one of the acts of `hand`."""
        with self._up_to_date():
            stamp = Stamp(self._clock(), self._world.me, "hand")
            self._take(act(self._world, stamp, *args, **kwargs))

    def share(self, collection: int, principal: PrincipalKey, permission: str = "view") -> None:
        """Give somebody a level on a collection, whatever they had."""
        self.by_hand(hand.share, collection, principal, permission)

    def unshare(self, collection: int, principal: PrincipalKey) -> None:
        self.by_hand(hand.unshare, collection, principal)

    def rename(self, collection: int, name: str | None) -> None:
        self.by_hand(hand.rename, collection, name)

    def archive(self, collection: int) -> None:
        self.by_hand(hand.archive, collection)

    def transfer(self, collection: int, owner: int) -> None:
        """Give a collection another owner."""
        self.by_hand(hand.transfer, collection, owner)

    def delete(self, collection: int) -> None:
        self.by_hand(hand.delete, collection)

    def put(self, collection: Collection) -> None:
        """Put a collection in, or in place of the one with its id."""
        self.by_hand(hand.put, collection)

    def put_user(self, user: User) -> None:
        """Put somebody in, or in place of who had that id."""
        self.by_hand(hand.put_user, user)

    # --- how an answer comes about --------------------------------------------------

    def _answer(self, request: Request, now: datetime) -> Response:
        if not self._limiter.allows(self._switches.rate_limit, now):
            return too_many()
        fault = self.faults.pick(len(self._log) + 1, request)
        if fault is None:
            return self._carry_out(request, now)
        if fault.fault == "late":
            self._postpone(fault, request, now)
        response = self._carry_out(request, now) if fault.takes_effect else Response(0)
        return spoil(fault, response, now)

    def _carry_out(self, request: Request, now: datetime) -> Response:
        changed, response = handle(self._world, self._switches, request, now)
        self._take(changed)
        return response

    def _postpone(self, fault: Fault, request: Request, now: datetime) -> None:
        late = Late(
            request=request,
            arrived=now,
            served=self._served + 1 + fault.requests,
            at=now + timedelta(seconds=fault.seconds),
        )
        self._late.append(late)
        self._dirty = True

    def _land(self, now: datetime) -> None:
        """Let the requests take effect whose time has come."""
        due = [late for late in self._late if late.is_due(self._served, now)]
        for late in due:
            self._late.remove(late)
            self._carry_out(late.request, late.arrived)

    def _take(self, changed: Changed) -> None:
        if changed.world is not self._world or changed.entries:
            self._world = changed.world
            self._audit += changed.entries
            self._dirty = True

    # --- how it stays in step with other processes ----------------------------------

    @contextmanager
    def _up_to_date(self) -> Iterator[None]:
        with self._lock, self._keep.exclusive():
            newer = self._keep.newer()
            if newer is not None:
                self._adopt(newer)
            yield
            if self._dirty:
                self._keep.save(self._state())
                self._dirty = False

    def _adopt(self, state: State) -> None:
        self._world = state.world
        self._switches = state.switches
        self._audit = list(state.audit)
        self._late = list(state.late)
        self._served = max(self._served, state.served)
        self._dirty = False

    def _state(self) -> State:
        return State(
            world=self._world,
            switches=self._switches,
            audit=tuple(self._audit),
            late=tuple(self._late),
            served=self._served,
        )
