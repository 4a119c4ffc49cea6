"""What the journal keeps: passes, their changes, their creations; and how each is a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import Row

from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Cause, Change
from reconciler.errors import Location

AnyRow: TypeAlias = Row[tuple[Any, ...]]


class Verdict(StrEnum):
    """How a pass ended. A running one whose process died is interrupted."""

    RUNNING = "running"
    DONE = "done"
    HELD = "held"
    PARTIAL = "partial"
    FAILED = "failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """
    A change that was about to be sent, and what became of it (None: nobody knows yet).

    `at` is when that was told; until then, when the pass began.
    """

    pass_id: str
    round: int
    collection_id: int | None
    collection_name: str
    change: Change
    outcome: Outcome | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationRecord:
    """A collection that was about to be created, and what became of it."""

    pass_id: str
    name: str
    owner_id: int | None
    collection_id: int | None
    outcome: Outcome | None
    sent_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCreation:
    """
    A creation that may have happened: its answer was lost, and nothing has told since.

    `lost_at` is when the answer was given up (for a killed pass: when it was sent).
    After a time-out the service may still be at work on it; a killed pass counts as one.
    """

    name: str
    owner_id: int | None
    sent_at: datetime
    timed_out: bool
    lost_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRecord:
    """One pass. `changes` and `creations` are there only when the pass was read by its id."""

    id: str
    kind: str
    verdict: Verdict
    holder: str
    started_at: datetime
    finished_at: datetime | None = None
    config_digest: str | None = None
    commit: str | None = None
    summary: Mapping[str, object] = field(default_factory=dict)
    changes: tuple[ChangeRecord, ...] = ()
    creations: tuple[CreationRecord, ...] = ()


def pass_record(
    row: AnyRow,
    *,
    changes: tuple[ChangeRecord, ...] = (),
    creations: tuple[CreationRecord, ...] = (),
) -> PassRecord:
    return PassRecord(
        id=row.id,
        kind=row.kind,
        verdict=Verdict(row.verdict),
        holder=row.holder,
        started_at=row.started_at,
        finished_at=row.finished_at,
        config_digest=row.config_digest,
        commit=row.config_commit,
        summary=json.loads(row.summary) if row.summary else {},
        changes=changes,
        creations=creations,
    )


def change_values(change: Change) -> dict[str, object]:
    """A change as the columns of `changes` that are about the change itself."""
    return {
        "principal_type": change.principal.type.value,
        "principal_id": change.principal.id,
        "before": change.before,
        "after": change.after,
        "expired": change.expired,
        "removal": change.is_removal,
        "who": change.who,
        "source_path": change.source.path,
        "source_line": change.source.line,
        "source_column": change.source.column,
        "reason": change.reason,
        "hold": change.hold,
        "cause": change.cause,
    }


def change_record(row: AnyRow) -> ChangeRecord:
    return ChangeRecord(
        pass_id=row.pass_id,
        round=row.round,
        collection_id=row.collection_id,
        collection_name=row.collection_name,
        change=_change(row),
        outcome=_outcome(row),
        at=row.at,
    )


def principal(row: AnyRow) -> Principal:
    return Principal(PrincipalType(row.principal_type), row.principal_id)


def _change(row: AnyRow) -> Change:
    return Change(
        principal=principal(row),
        before=Permission(row.before) if row.before else None,
        after=Permission(row.after) if row.after else None,
        who=row.who,
        source=Location(row.source_path, row.source_line, row.source_column),
        reason=row.reason,
        expired=row.expired,
        hold=row.hold,
        cause=Cause(row.cause) if row.cause else None,
    )


def outcome_values(outcome: Outcome) -> dict[str, object]:
    """An outcome as columns."""
    return {
        "outcome": outcome.result.value,
        "error": outcome.error,
        "final": outcome.final,
        "may_land": outcome.may_land,
    }


def _outcome(row: AnyRow) -> Outcome | None:
    if row.outcome is None:
        return None
    return Outcome(Result(row.outcome), row.error, row.final, row.may_land)


def creation_record(row: AnyRow) -> CreationRecord:
    return CreationRecord(
        pass_id=row.pass_id,
        name=row.name,
        owner_id=row.owner_id,
        collection_id=row.collection_id,
        outcome=_outcome(row),
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )


def lost_creation(row: AnyRow) -> LostCreation:
    return LostCreation(
        name=row.name,
        owner_id=row.owner_id,
        sent_at=row.sent_at,
        timed_out=row.outcome is None or row.may_land,
        lost_at=row.settled_at or row.sent_at,
    )
