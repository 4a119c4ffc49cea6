"""
What is told of a tenant that sits elsewhere: its last pass, as the state has it on record.

The record has counts and no plan, so it says less than the daemon that made the pass; where
both say something they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.core.document import Document, instant
from reconciler.daemon.standing import Standing
from reconciler.report.wording import counted
from reconciler.state.latest import Latest
from reconciler.state.records import Verdict

_PLANNED = ("create_collection", "create", "update", "destroy")
_ENDS = {
    Verdict.FAILED: Standing("bad", "the last pass failed"),
    Verdict.PARTIAL: Standing("bad", "not everything could be done"),
    Verdict.INTERRUPTED: Standing("wary", "the last pass was interrupted"),
}


@dataclass(frozen=True, slots=True)
class Left:
    """How many changes a pass left, those held among them, and names that are nobody."""

    pending: int
    held: int
    unresolved: int


def left_on_record(latest: Latest) -> Left | None:
    """What it left; None where it did not get as far as a plan."""
    summary = latest.record.summary
    if not summary:
        return None
    counts = {key: int(str(each)) for key, each in summary.items()}
    held = counts.get("held", 0)
    planned = sum(counts.get(each, 0) for each in _PLANNED)
    # What somebody else changed during the pass may have been applied twice.
    pending = max(held, planned - latest.applied)
    return Left(pending, held, counts.get("unresolved", 0))


def standing_on_record(latest: Latest) -> Standing | None:
    """What a person should see to, in the middle of a sentence; None where there is nothing."""
    if (ending := _ENDS.get(latest.record.verdict)) is not None:
        return ending
    left = left_on_record(latest)
    if left is None:
        return None
    if left.held:
        return Standing("wary", "something is held")
    if left.pending:
        return Standing("wary", "changes are pending")
    return Standing("wary", "it is not in agreement") if left.unresolved else None


def sentence_on_record(latest: Latest) -> str:
    """How it ended and what it left, for a person: `partial, 2 changes pending (1 held)`."""
    left = left_on_record(latest)
    if left is None:
        return f"{latest.record.verdict}, before it had planned anything"
    if not left.pending:
        return f"{latest.record.verdict}, nothing pending"
    held = f" ({left.held} held)" if left.held else ""
    return f"{latest.record.verdict}, {counted(left.pending, 'change')} pending{held}"


def document_on_record(latest: Latest) -> Document:
    """The same as plain data; counts are null where it did not get as far as a plan."""
    record, left = latest.record, left_on_record(latest)
    return {
        "pass_id": record.id,
        "verdict": record.verdict.value,
        "started_at": instant(record.started_at),
        "finished_at": None if record.finished_at is None else instant(record.finished_at),
        "commit": record.commit,
        "summary": dict(record.summary),
        "pending": None if left is None else left.pending,
        "held": None if left is None else left.held,
    }
