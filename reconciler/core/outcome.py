"""
What became of each change.

A change is judged by the list that the service answers, never by the status
alone: a 200 whose list does not show the change is no success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.core.model import Shares
from reconciler.core.plan import Change, ChangeKey, CollectionKey


class Result(StrEnum):
    """The four ends of a change."""

    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a change ended; `final` says that asking again in the same pass cannot help."""

    result: Result
    error: str | None = None
    final: bool = False


APPLIED = Outcome(Result.APPLIED)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How every approved change of a round ended, and every creation of a collection."""

    shares: Mapping[ChangeKey, Outcome] = field(default_factory=dict)
    collections: Mapping[CollectionKey, Outcome] = field(default_factory=dict)


def shows(answered: Shares, change: Change) -> bool:
    """Whether the answered list has the change's `after` (for a destroy: has nobody there)."""
    return answered.levels.get(change.principal) == change.after


def judge(answered: Shares, change: Change) -> Outcome:
    """Judge a change that the service accepted, against the complete list it answered."""
    if shows(answered, change):
        return APPLIED
    seen = answered.levels.get(change.principal)
    return Outcome(
        Result.FAILED,
        f"the service accepted it, but its list shows {seen if seen is not None else 'no share'}",
    )
