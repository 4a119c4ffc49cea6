"""
Which entries a pass reads, where a daemon need not read them all each time.

Read are those of which nothing is known, those that did not agree with the file
when they were last read, and those that something stirred since. The others
take turns, the longest unread first, so many a pass that each is read within
the time the file gives and no pass reads them all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from reconciler.core.declared import DeclaredCollection, collection_key
from reconciler.core.observed import Sightings
from reconciler.core.plan import CollectionPlan

EntryKey: TypeAlias = tuple[str, int | None]
"""What tells an entry from every other of the files, wherever it stands in them."""


def entry_key(entry: DeclaredCollection) -> EntryKey:
    return collection_key(entry), entry.id


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How an entry was when it was last read, by a pass that began at `at`.

    `agreed` says that there was nothing at all to tell of it; `plan` is without
    the list of shares.
    """

    at: datetime
    plan: CollectionPlan
    agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """
    What a pass leaves unread: entries that agreed with the file when last read.

    `changeable` counts their shares that a plan could change, `seen` are the people
    and groups seen in them. `blind` counts, of the entries that are read, those that
    could not be read last time either.
    """

    entries: int = 0
    changeable: int = 0
    blind: int = 0
    seen: Sightings = field(default_factory=Sightings)


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How passes come: one now, the next one due at `next_due` (None: nobody knows).

    Each entry is to be read once in `within`, counted from the beginning of the
    pass that reads it to when the next one that does has read; reading takes a
    pass no longer than `takes`.
    """

    now: datetime
    next_due: datetime | None
    within: timedelta
    takes: timedelta = timedelta(0)


def reading_takes(entries: int, each: timedelta, ahead: timedelta, within: timedelta) -> timedelta:
    """Tell how long a pass reads: an even share, and as long again for what befalls."""
    whole = each * entries
    return min(whole, 2 * whole * (ahead / within))


def choose(
    entries: Sequence[DeclaredCollection],
    readings: Mapping[EntryKey, Reading],
    stirred: Collection[EntryKey],
    pace: Pace,
) -> tuple[DeclaredCollection, ...]:
    """The entries to read now, in the files' order."""
    calm = {
        key: reading.at
        for key in map(entry_key, entries)
        if key not in stirred and (reading := readings.get(key)) is not None and reading.agreed
    }
    left = calm.keys() - _whose_turn_it_is(calm, len(entries), pace)
    return tuple(entry for entry in entries if entry_key(entry) not in left)


def _whose_turn_it_is(
    calm: Mapping[EntryKey, datetime], entries: int, pace: Pace
) -> Collection[EntryKey]:
    """Those that would be late before the next pass is done, and at least an even share."""
    if pace.next_due is None:
        return calm.keys()
    due = max(pace.next_due, pace.now + timedelta.resolution)
    # A reading that is yet to come was made by a clock that has been set back since.
    late = sum(at + pace.within < due + pace.takes or at > pace.now for at in calm.values())
    passes = (pace.within - pace.takes) // (due - pace.now)
    share = -(-entries // max(passes, 1))
    oldest = sorted(calm, key=lambda key: (calm[key] <= pace.now, calm[key]))
    return oldest[: max(late, share)]
