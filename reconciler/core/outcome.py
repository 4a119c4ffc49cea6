"""
What became of each change.

A change is judged by the list that the service answers, never by the status
alone: a 200 whose list does not show the change is no success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.core.observed import LiveCollection, Shares
from reconciler.core.plan import Change, ChangeKey, CollectionKey


class Result(StrEnum):
    """The four ends of a change."""

    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How a change ended.

    `final` says that another round of the same pass cannot help; `may_land`
    that a request which timed out may still be carried out by the service.
    """

    result: Result
    error: str | None = None
    final: bool = False
    may_land: bool = False

    @property
    def is_open(self) -> bool:
        """Whether another round should look at it."""
        return self.result is not Result.APPLIED and not self.final


APPLIED = Outcome(Result.APPLIED)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """
    How every approved change of a round ended, and every creation of a collection.

    `created` are the collections that came to be, as the service answered them.
    """

    shares: Mapping[ChangeKey, Outcome] = field(default_factory=dict)
    collections: Mapping[CollectionKey, Outcome] = field(default_factory=dict)
    created: Mapping[CollectionKey, LiveCollection] = field(default_factory=dict)


def shows(answered: Shares, change: Change) -> bool:
    """Whether the answered list has the change's `after` (for a destroy: has nobody there)."""
    return answered.levels.get(change.principal) == change.after


def judge(answered: Shares, change: Change) -> Outcome:
    """Judge a change that the service accepted, against the complete list it answered."""
    if shows(answered, change) and (change.after is not None or answered.gap is None):
        return APPLIED
    if answered.gap is not None:
        return Outcome(Result.UNKNOWN, f"the list answered is not whole: {answered.gap}")
    seen = answered.levels.get(change.principal)
    return Outcome(
        Result.FAILED,
        f"the service accepted it, but its list shows {seen if seen is not None else 'no share'}",
    )
