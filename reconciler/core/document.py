"""
Plan and result as plain data: what reports, the journal, saved plans and fingerprints share.

The shape is the contract's, section 3. Equal plans give equal documents, but
for `id` and times; the fingerprint covers all the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from reconciler.core.model import Notice
from reconciler.core.observed import Shares
from reconciler.core.outcome import Outcome, Outcomes
from reconciler.core.plan import Change, CollectionPlan, Doing, Hold, LeftAlone, Plan, summarize

Document: TypeAlias = dict[str, object]

PLAN_FORMAT = "reconciler.plan/1"
RESULT_FORMAT = "reconciler.result/1"
_NOT_IN_FINGERPRINT = ("id", "created_at", "fingerprint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a plan says of itself: its pass, when, for which tenant, from which file."""

    id: str
    created_at: datetime
    studio: str
    config_path: str
    config_digest: str
    commit: str | None = None


def plan_document(plan: Plan, header: Header) -> Document:
    """The plan in the contract's shape, with its fingerprint."""
    document: Document = {
        "format": PLAN_FORMAT,
        "id": header.id,
        "created_at": instant(header.created_at),
        "studio": header.studio,
        "config": {
            "path": header.config_path,
            "digest": header.config_digest,
            "commit": header.commit,
        },
        "summary": asdict(summarize(plan)),
        "collections": [_collection(each) for each in plan.collections],
        "holds": [_hold(each) for each in plan.holds],
        "warnings": [_warning(each) for each in plan.notices],
    }
    if plan.acknowledged:
        document["acknowledged"] = [_hold(each) for each in plan.acknowledged]
    return {**document, "fingerprint": fingerprint(document)}


def result_document(plan: Plan, outcomes: Outcomes, header: Header) -> Document:
    """The same with what became of each change."""
    document = plan_document(plan, header)
    document["format"] = RESULT_FORMAT
    document["collections"] = [
        _with_outcomes(_collection(each), each, outcomes) for each in plan.collections
    ]
    return {**document, "fingerprint": fingerprint(document)}


def fingerprint(document: Mapping[str, object]) -> str:
    """The digest of all but `id` and times: an accident to a saved plan shows in it."""
    covered = {key: value for key, value in document.items() if key not in _NOT_IN_FINGERPRINT}
    return _digest(covered)


def observed_fingerprint(shares: Shares | None) -> str | None:
    """The digest of a permission list: whether a collection is as it was when planned."""
    if shares is None:
        return None
    rows = sorted((*who, str(level)) for who, level in shares.levels.items())
    return _digest({"shares": rows, "gap": shares.gap})


def dump(document: Mapping[str, object]) -> str:
    """
    The document as JSON text: keys sorted, a line break at the end.

    A name may hold half a surrogate pair, which UTF-8 cannot carry; its escape
    is the same in Python and in JSON.
    """
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def instant(when: datetime) -> str:
    """A time as documents write it: UTC, whole seconds, with a Z."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _collection(plan: CollectionPlan) -> Document:
    return {
        "name": plan.name,
        "id": plan.id,
        "owner_id": plan.owner_id,
        "action": plan.action,
        "hold": plan.hold,
        "mode": plan.mode,
        "observed_fingerprint": observed_fingerprint(plan.observed),
        "status": plan.status,
        "reason": plan.reason,
        "left_alone": [_left_alone(each) for each in plan.left_alone],
        "changes": [_change(each) for each in plan.changes],
    }


def _left_alone(left: LeftAlone) -> Document:
    document: Document = {
        "share_type": left.principal.type,
        "id": left.principal.id,
        "who": left.who,
        "permission": None if left.level is None else str(left.level),
        "why": left.why,
    }
    if left.desired is not None:
        document["desired"] = left.desired
    return document


def _change(change: Change) -> Document:
    document: Document = {
        "action": change.action,
        "share_type": change.principal.type,
        "id": change.principal.id,
        "who": change.who,
        "before": change.before,
        "permission_type": change.after,
        "source": change.source.short,
        "reason": change.reason,
        "hold": change.hold,
    }
    if change.expired:
        document["expired"] = True
    if change.cause is not None:
        document["cause"] = change.cause
    return document


def _hold(hold: Hold) -> Document:
    return {
        "hold": hold.id,
        "guard": hold.guard,
        "collection": hold.collection,
        "detail": hold.detail,
        "changes": hold.changes,
    }


def _warning(notice: Notice) -> Document:
    return {
        "code": notice.code,
        "message": notice.message,
        "source": notice.source.short if notice.source is not None else None,
    }


def _with_outcomes(document: Document, plan: CollectionPlan, outcomes: Outcomes) -> Document:
    changes = [
        _with_outcome(_change(change), outcomes.shares.get((plan.key, change.principal)))
        for change in plan.changes
    ]
    document["changes"] = changes
    if plan.action is Doing.CREATE:
        _with_outcome(document, outcomes.collections.get(plan.key))
    return document


def _with_outcome(document: Document, outcome: Outcome | None) -> Document:
    document["outcome"] = "not_tried" if outcome is None else outcome.result
    document["error"] = None if outcome is None else outcome.error
    return document
