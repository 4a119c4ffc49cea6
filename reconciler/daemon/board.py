"""
What the daemon knows of itself, as one value that is replaced and never changed.

One thread at a time replaces it. Whoever shows it takes the value of the
moment and renders it at leisure, without a lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from reconciler.core.document import Header
from reconciler.core.model import Mode
from reconciler.core.outcome import Outcome, Outcomes, Result
from reconciler.core.plan import CollectionPlan, Doing, Plan, Summary
from reconciler.daemon.extent import Extent
from reconciler.state.latest import Latest

SUCCESSES = frozenset({"done", "held"})
"""The verdicts of a pass that did all that it may: what a guard holds waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The configuration that passes go by, and what is wrong with the one on disk."""

    studio: str
    mode: Mode
    zone: ZoneInfo
    path: str
    digest: str
    commit: str | None = None
    observe: bool = False
    paused_until: datetime | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A change, or the creation of a collection (`who` is None), that was tried to no avail."""

    collection: str
    who: str | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPass:
    """
    The last pass that ran to its end.

    `summary` counts its whole plan, and `document` is that plan as JSON text.
    `left` is what is not done of it, with the collections that it did not read,
    as they were when last read; `extent` tells how many those are.
    """

    header: Header
    verdict: str
    finished_at: datetime
    reasons: tuple[str, ...]
    may_write: bool
    seconds: float
    requests: int
    summary: Summary
    left: Plan
    troubles: tuple[Trouble, ...] = ()
    extent: Extent | None = None
    document: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a pass did not get to its end, and what to do about it."""

    message: str
    remedy: str | None
    at: datetime


class Seat(StrEnum):
    """Where a tenant's seat is, as this daemon knows it."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """
    All that is shown of the daemon.

    `standing_by` names another daemon that has the seat; `unseated` says that
    nobody is known to have it. `failure` is of the latest pass, None where that
    ran to its end. `on_record` is the last pass that the state has, read now and
    then while the seat is not here; None where nothing is known of one. Times are
    None where there was none, or where nothing tells.
    """

    in_force: InForce
    holder: str
    since: datetime
    standing_by: str | None = None
    unseated: bool = False
    last: LastPass | None = None
    failure: Failure | None = None
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    next_due: datetime | None = None
    token_expires: datetime | None = None
    on_record: Latest | None = None

    @property
    def seat(self) -> Seat:
        if self.unseated:
            return Seat.NOBODY
        return Seat.HERE if self.standing_by is None else Seat.ELSEWHERE

    @property
    def recalled(self) -> Latest | None:
        """The last pass on record, where it is not ours to tell of."""
        return None if self.seat is Seat.HERE else self.on_record

    @property
    def still_last(self) -> LastPass | None:
        """Our last pass, unless somebody else has made one since."""
        last, recalled = self.last, self.recalled
        if last is None or recalled is None:
            return last
        return None if last.header.created_at < recalled.record.started_at else last


class Board:
    """Where the snapshot of the moment hangs."""

    def __init__(self, first: Snapshot) -> None:
        self._snapshot = first

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    def post(self, snapshot: Snapshot) -> None:
        """Hang another one. One thread at a time does this."""
        self._snapshot = snapshot


def left_of(plan: Plan, outcomes: Outcomes) -> Plan:
    """
    The plan without what was applied.

    The lists that were observed are let go of: nothing shows them, and they are
    by far the most of it.
    """
    return replace(plan, collections=tuple(_left(each, outcomes) for each in plan.collections))


def _left(entry: CollectionPlan, outcomes: Outcomes) -> CollectionPlan:
    changes = tuple(
        change
        for change in entry.changes
        if not _is_applied(outcomes.shares.get((entry.key, change.principal)))
    )
    is_there = _is_applied(outcomes.collections.get(entry.key))
    return replace(
        entry,
        changes=changes,
        unchanged=entry.unchanged + len(entry.changes) - len(changes),
        action=Doing.NONE if is_there else entry.action,
        live=None,
        observed=None,
    )


def _is_applied(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.result is Result.APPLIED


def troubles_of(outcomes: Outcomes) -> tuple[Trouble, ...]:
    """What was tried, or should have been, and is not done."""
    collections = (
        Trouble(key.name, None, outcome)
        for key, outcome in outcomes.collections.items()
        if not _is_applied(outcome)
    )
    shares = (
        Trouble(key.name, str(principal), outcome)
        for (key, principal), outcome in outcomes.shares.items()
        if not _is_applied(outcome)
    )
    return (*collections, *shares)
