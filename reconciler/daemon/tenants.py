"""The tenants that one process shows, and the gist of how each of them stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Generic, TypeVar

from reconciler.core.document import Document
from reconciler.core.plan import Plan, summarize
from reconciler.daemon import scrape
from reconciler.daemon.board import Seat, Snapshot
from reconciler.daemon.scrape import Scraped
from reconciler.daemon.standing import Standing, standing
from reconciler.daemon.status import is_alive, status_document
from reconciler.daemon.view import View

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Gist:
    """How a tenant stands, and how many changes its last pass left, those held among them."""

    standing: Standing
    pending: int
    held: int


class PerSnapshot(Generic[T]):
    """
    What follows from a snapshot, worked out once for each, by whoever asks first.

    A plan may be long and there are many: no request goes through them all again.
    """

    def __init__(self, work: Callable[[Snapshot], T]) -> None:
        self._work = work
        self._kept: tuple[Snapshot, T] | None = None

    def __call__(self, now: Snapshot) -> T:
        """Work it out, unless that has been done for this very one."""
        kept = self._kept
        if kept is None or kept[0] is not now:
            kept = self._kept = (now, self._work(now))
        return kept[1]


class Tenant:
    """One tenant among many: what the state calls it, and what its pages look at."""

    def __init__(self, name: str, view: View) -> None:
        self.name = name
        self.view = view
        self._gist = PerSnapshot(_gist)
        self._document = PerSnapshot(status_document)
        self._scraped = Scraped(name, view.meter)

    @property
    def now(self) -> Snapshot:
        return self.view.board.snapshot

    @property
    def is_here(self) -> bool:
        """Whether this daemon has its seat."""
        return self.now.seat is Seat.HERE

    @property
    def is_stuck(self) -> bool:
        """Whether its loop, which runs here, has made no progress for too long."""
        return self.is_here and not is_alive(self.view.heartbeat)

    def gist(self, now: Snapshot) -> Gist:
        """How it stands, by this snapshot."""
        return self._gist(now)

    def document(self) -> Document:
        """What `/api/v1/status` has of it."""
        return {"tenant": self.name, **self._document(self.now)}

    def scraped(self) -> Mapping[bytes, bytes]:
        """Its metrics: the lines of each family, by the family's head."""
        return self._scraped.families(self.now)


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that never was any good, so that nobody knows its tenant."""

    file: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that one address shows: tenants by their names, in that order, and files."""

    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()


def _gist(now: Snapshot) -> Gist:
    left = summarize(now.last.left if now.last is not None else Plan())
    pending = left.create_collection + left.create + left.update + left.destroy
    return Gist(standing(now), pending, left.held)


def exposition(roster: Roster) -> bytes:
    """Write the metrics of all tenants out in the text format 0.0.4."""
    tenants = roster.tenants.values()
    seats = Counter(each.now.seat for each in tenants)
    nameless = {PurePath(each.file).name for each in roster.broken} - set(roster.tenants)
    parts = [each.scraped() for each in tenants]
    parts.append(scrape.seats(seats, sum(each.is_stuck for each in tenants)))
    if nameless:
        parts.append(scrape.without_a_good_file(nameless))
    return scrape.merged(parts)
