"""
One tenant behind the bench's server.

What it says is the sandbox's own: a world, asked by `handle`. Whatever was
answered to a GET is kept ready in bytes until a write touches it, so that a
read costs the server a look-up, and the client is what is measured.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reconciler.sandbox import hand
from reconciler.sandbox.api import handle
from reconciler.sandbox.audit import Entry, Stamp
from reconciler.sandbox.limiter import Limiter
from reconciler.sandbox.messages import Request
from reconciler.sandbox.routes import PREFIX
from reconciler.sandbox.spoil import too_many
from reconciler.sandbox.switches import LIKELIEST
from reconciler.sandbox.world import World
from tests.bench.raw import Asked, written

PER_PAGE = 50
OF_SHARES = frozenset({"create", "update", "destroy"})
REFUSED = written(too_many())


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """
    A write as the tenant saw it, and whose token it came with.

    `began` and `ended` are seconds since 1970: from its arrival to its effect.
    """

    tenant: str
    token: str
    collection: int
    began: float
    ended: float
    status: int
    actions: int


@dataclass(slots=True)
class Tally:
    """What was asked since the tally was last cleared; `first` and `last` are instants."""

    requests: int = 0
    limited: int = 0
    posts: int = 0
    first: float = math.inf
    last: float = -math.inf
    by_token: Counter[str] = field(default_factory=Counter)


class House:
    """A tenant by its host's name. `per_second` is how much it lets through; None is all."""

    def __init__(self, name: str, world: World, *, per_second: int | None = None) -> None:
        self.name = name
        self.per_second = per_second
        self.tally = Tally()
        self.writes: list[Write] = []
        self._world = world
        self._limiter = Limiter()
        self._ready: dict[str, bytes] = {}

    def admit(self, asked: Asked, now: float) -> bool:
        """Count a request that has arrived; False where it is one too many for this second."""
        tally = self.tally
        tally.requests += 1
        tally.first, tally.last = min(tally.first, now), now
        tally.by_token[asked.token] += 1
        if self._limiter.allows(self.per_second, datetime.fromtimestamp(now, UTC)):
            return True
        tally.limited += 1
        return False

    def answer(self, asked: Asked, began: float, now: float) -> bytes:
        """Carry out what was admitted."""
        self.tally.last = now
        if asked.method != "GET":
            return self._write(asked, began, now)
        if asked.token not in self._world.credentials.access:
            return self._read(asked)
        ready = self._ready.get(asked.target)
        if ready is None:
            ready = self._ready[asked.target] = self._read(asked)
        return ready

    def render(self) -> None:
        """Have all pages and permission lists ready before anybody asks."""
        headers = {"authorization": f"Bearer {next(iter(self._world.credentials.access))}"}
        pages = -(-len(self._world.collections) // PER_PAGE)
        targets = [f"{PREFIX}/collections?page={n + 1}&per_page={PER_PAGE}" for n in range(pages)]
        targets += [_permissions(id) for id in self._world.collections]
        for target in targets:
            self.answer(Asked("GET", target, headers), 0, 0)
        self.clear()

    def clear(self) -> None:
        """Begin counting anew."""
        self.tally = Tally()
        self.writes = []

    def shares(self) -> dict[int, dict[str, str]]:
        """The level of each principal (`user:5`) on each collection."""
        return {
            id: {f"{kind}:{who}": word for (kind, who), word in each.shares.items()}
            for id, each in self._world.collections.items()
        }

    def drift(self, collection: int, principal: str, level: str | None) -> None:
        """Let somebody change a share in the browser; None takes it away."""
        kind, _, who = principal.partition(":")
        key = (kind, int(who))
        stamp = Stamp(datetime.now(UTC), self._world.me, "hand")
        if level is None:
            changed = hand.unshare(self._world, stamp, collection, key)
        else:
            changed = hand.share(self._world, stamp, collection, key, level)
        self._world = changed.world
        self._forget(changed.entries)

    def _read(self, asked: Asked) -> bytes:
        return written(handle(self._world, LIKELIEST, _request(asked), datetime.now(UTC))[1])

    def _write(self, asked: Asked, began: float, now: float) -> bytes:
        self.tally.posts += 1
        changed, response = handle(self._world, LIKELIEST, _request(asked), datetime.now(UTC))
        self._world = changed.world
        self._forget(changed.entries)
        self.writes.append(
            Write(
                tenant=self.name,
                token=asked.token,
                collection=_collection(asked.target),
                began=began,
                ended=now,
                status=response.status,
                actions=len(json.loads(asked.body or b"[]")),
            )
        )
        return written(response)

    def _forget(self, entries: Iterable[Entry]) -> None:
        """Keep no answer ready that a change has made untrue."""
        for entry in entries:
            if entry.action in OF_SHARES and entry.collection is not None:
                self._ready.pop(_permissions(entry.collection), None)
            else:
                self._ready.clear()


def told(houses: Mapping[str, House]) -> dict[str, Any]:
    """All tallies in one, as plain data."""
    tallies = [house.tally for house in houses.values()]
    return {
        "requests": sum(each.requests for each in tallies),
        "limited": sum(each.limited for each in tallies),
        "posts": sum(each.posts for each in tallies),
        "first": min(each.first for each in tallies),
        "last": max(each.last for each in tallies),
        "by_token": sum((each.by_token for each in tallies), Counter()),
    }


def _request(asked: Asked) -> Request:
    return Request.of(asked.method, asked.target, asked.headers, asked.body)


def _permissions(collection: int) -> str:
    return f"{PREFIX}/collections/{collection}/permissions"


def _collection(target: str) -> int:
    """The collection a write is about; 0 for one that makes a new one."""
    parts = target.removeprefix(f"{PREFIX}/collections").split("/")
    return int(parts[1]) if len(parts) > 1 else 0
