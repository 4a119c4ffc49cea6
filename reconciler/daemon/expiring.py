"""What ends soon: shares whose written window closes, as the files have them now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.core.model import (
    Declarations,
    DeclaredCollection,
    DeclaredShare,
    Mode,
    Permission,
    Reference,
)
from reconciler.errors import Location

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Expiry:
    """A share that goes when its window closes; `closes` is the first instant without it."""

    closes: datetime
    collection: str
    who: Reference
    permission: Permission
    source: Location
    reason: str | None = None


def expiring(declarations: Declarations, now: datetime) -> tuple[Expiry, ...]:
    """
    List what goes within `SOON`, the soonest first.

    Only an authoritative collection takes anything away. A window that closes
    where another of the same principal goes on ends nothing.
    """
    authoritative = (e for e in declarations.collections if e.mode is Mode.AUTHORITATIVE)
    found = (each for entry in authoritative for each in _in(entry, declarations, now))
    return tuple(sorted(found, key=lambda each: (each.closes, each.collection, each.who.key)))


def _in(entry: DeclaredCollection, declarations: Declarations, now: datetime) -> Iterator[Expiry]:
    lines: dict[str, list[DeclaredShare]] = {}
    for _, shares in declarations.lists_of(entry):
        for share in shares:
            lines.setdefault(share.who.key, []).append(share)
    for mine in lines.values():
        yield from _of_one(entry.name, mine, now)


def _of_one(collection: str, lines: list[DeclaredShare], now: datetime) -> Iterator[Expiry]:
    """The ends of one principal's windows on a collection; of two at once, the first written."""
    told: set[datetime] = set()
    for share in lines:
        closes = share.window.closes
        if closes is None or not now < closes <= now + SOON or closes in told:
            continue
        if not any(other.window.contains(closes) for other in lines):
            told.add(closes)
            yield Expiry(
                closes, collection, share.who, share.permission, share.source, share.reason
            )
