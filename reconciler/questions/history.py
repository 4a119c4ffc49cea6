"""What passes did, from the journal: `history` and `show`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reconciler.core.document import Document, instant
from reconciler.core.outcome import Outcome
from reconciler.questions.living import living_holder
from reconciler.state.history import History
from reconciler.state.journal import INTERRUPTED
from reconciler.state.lease import PASS, Held
from reconciler.state.records import ChangeRecord, CreationRecord, PassRecord, Verdict
from reconciler.state.store import Store


@dataclass(frozen=True, slots=True)
class Account:
    """One pass with all it did; `holds` and `warnings` as its plans told them, each once."""

    record: PassRecord
    holds: tuple[Mapping[str, object], ...] = ()
    warnings: tuple[Mapping[str, object], ...] = ()


def passes_on_record(store: Store, limit: int, now: datetime) -> tuple[PassRecord, ...]:
    """The last passes, the newest first. One that nobody runs any more is interrupted."""
    writing = living_holder(store, PASS, now)
    return tuple(_as_it_is(each, writing) for each in History(store).passes(limit))


def account_of(store: Store, pass_id: str, now: datetime) -> Account:
    """All that one pass did. Takes the beginning of an id; raises `StateError` as `read` does."""
    history = History(store)
    record = _as_it_is(history.read(pass_id), living_holder(store, PASS, now))
    plans = history.plans(record.id)
    return Account(record, _once(plans, "holds"), _once(plans, "warnings"))


def history_document(passes: Iterable[PassRecord]) -> Document:
    """The passes as the contract has them."""
    return {
        "passes": [
            {
                "pass_id": each.id,
                "started_at": instant(each.started_at),
                "verdict": each.verdict.value,
                "summary": dict(each.summary),
            }
            for each in passes
        ]
    }


def account_document(account: Account) -> Document:
    """One pass with everything it did, as plain data."""
    record = account.record
    return {
        "pass_id": record.id,
        "kind": record.kind,
        "verdict": record.verdict.value,
        "holder": record.holder,
        "started_at": instant(record.started_at),
        "finished_at": _instant(record.finished_at),
        "config": {"digest": record.config_digest, "commit": record.commit},
        "summary": dict(record.summary),
        "changes": [_change(each) for each in record.changes],
        "creations": [_creation(each) for each in record.creations],
        "holds": list(account.holds),
        "warnings": list(account.warnings),
    }


def _as_it_is(record: PassRecord, writing: Held | None) -> PassRecord:
    """A pass still marked as running whose process holds the lease no more was interrupted."""
    if record.verdict is not Verdict.RUNNING or _is_in_hand(record, writing):
        return record
    return replace(
        record,
        verdict=Verdict.INTERRUPTED,
        changes=tuple(
            replace(each, outcome=each.outcome or INTERRUPTED) for each in record.changes
        ),
        creations=tuple(
            replace(each, outcome=each.outcome or INTERRUPTED) for each in record.creations
        ),
    )


def _is_in_hand(record: PassRecord, writing: Held | None) -> bool:
    """Whether the lease is held for this pass: by its process, and since before it began."""
    if writing is None:
        return False
    return str(writing.holder) == record.holder and writing.since <= record.started_at


def _once(plans: Sequence[Mapping[str, object]], key: str) -> tuple[Mapping[str, object], ...]:
    """The rows of all rounds under a key, each once."""
    rows: list[Mapping[str, object]] = []
    for plan in plans:
        found = plan.get(key)
        rows += [row for row in found if row not in rows] if isinstance(found, list) else []
    return tuple(rows)


def _change(record: ChangeRecord) -> Document:
    change = record.change
    return {
        "round": record.round,
        "collection_id": record.collection_id,
        "collection": record.collection_name,
        "action": change.action,
        "share_type": change.principal.type,
        "id": change.principal.id,
        "who": change.who,
        "before": change.before,
        "permission_type": change.after,
        "source": change.source.short,
        "reason": change.reason,
        **_ended(record.outcome),
        "at": instant(record.at),
    }


def _creation(record: CreationRecord) -> Document:
    return {
        "collection_id": record.collection_id,
        "collection": record.name,
        "owner_id": record.owner_id,
        **_ended(record.outcome),
        "at": instant(record.settled_at or record.sent_at),
    }


def _ended(outcome: Outcome | None) -> Document:
    if outcome is None:
        return {"outcome": None, "error": None}
    return {"outcome": outcome.result, "error": outcome.error}


def _instant(when: datetime | None) -> str | None:
    return None if when is None else instant(when)
