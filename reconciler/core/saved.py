"""
A saved plan, read back: exactly what was reviewed, or a refusal.

The fingerprint guards against accidents (a line edited, a file cut short), not
against forgery: whoever may write the file may also compute it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from reconciler.core.document import PLAN_FORMAT, Document, fingerprint
from reconciler.core.guards import EVIDENCE, FINAL_GUARDS, QUOTAS
from reconciler.core.model import Mode, Permission, Principal, PrincipalType
from reconciler.core.plan import Change, CollectionPlan, Doing, Hold
from reconciler.errors import Location, PlanRefused, StalePlan

_GUARDS = frozenset(guard.__name__ for guard in (*EVIDENCE, *QUOTAS))
VALID_FOR = timedelta(hours=24)
T = TypeVar("T", int, str)
_AGAIN = "plan again: reconciler plan --out plan.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """What a plan file says. `as_planned` maps entries to their observed fingerprints then."""

    id: str
    fingerprint: str
    created_at: datetime
    studio: str
    collections: tuple[CollectionPlan, ...]
    as_planned: tuple[str | None, ...]
    holds: tuple[Hold, ...]


def read_saved(document: object) -> SavedPlan:
    """Read a plan's document. Raises PlanRefused where it is not one as we wrote it."""
    if not isinstance(document, dict) or document.get("format") != PLAN_FORMAT:
        raise PlanRefused(f"this is no {PLAN_FORMAT} file", remedy=_AGAIN)
    if document.get("fingerprint") != fingerprint(document):
        raise PlanRefused(
            "its content does not fit its fingerprint: it was changed after it was written",
            remedy=_AGAIN,
        )
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError) as error:
        raise PlanRefused(f"this plan cannot be read: {error}", remedy=_AGAIN) from error


def check_usable(saved: SavedPlan, studio: str, now: datetime) -> None:
    """Refuse a plan of another tenant, or one that time has gone past."""
    if saved.studio != studio:
        raise PlanRefused(f"this plan is of {saved.studio}, and the file is of {studio}")
    if now - saved.created_at > VALID_FOR:
        hours = VALID_FOR // timedelta(hours=1)
        raise StalePlan(f"this plan is older than {hours} h", remedy=_AGAIN)


def applied_before() -> StalePlan:
    """What to raise for a plan that was carried out already."""
    return StalePlan("this plan was applied before; nothing was written", remedy=_AGAIN)


def _read(document: Document) -> SavedPlan:
    plain: Any = document
    holds = {each["hold"]: _hold(each) for each in plain["holds"]}
    rows = list(enumerate(plain["collections"], start=1))
    return SavedPlan(
        id=str(plain["id"]),
        fingerprint=str(plain["fingerprint"]),
        created_at=_instant(plain["created_at"]),
        studio=str(plain["studio"]),
        collections=tuple(_collection(number, row) for number, row in rows),
        as_planned=tuple(row["observed_fingerprint"] for _, row in rows),
        holds=tuple(holds.values()),
    )


def _hold(row: Mapping[str, Any]) -> Hold:
    guard = _exactly(str, row["guard"])
    if guard.replace(".", "_") not in _GUARDS:
        raise ValueError("it names a guard that there is not")
    return Hold(
        id=_exactly(str, row["hold"]),
        guard=guard,
        collection=_optional(str, row["collection"]),
        detail=_exactly(str, row["detail"]),
        changes=_exactly(int, row["changes"]),
        can_be_acknowledged=guard not in FINAL_GUARDS,
    )


def _collection(number: int, row: Mapping[str, Any]) -> CollectionPlan:
    return CollectionPlan(
        name=_exactly(str, row["name"]),
        source=Location("plan", number, 1),
        mode=Mode(row["mode"]),
        action=Doing(row["action"]),
        hold=_optional(str, row["hold"]),
        id=_optional(int, row["id"]),
        owner_id=_optional(int, row["owner_id"]),
        changes=tuple(_change(each) for each in row["changes"]),
    )


def _change(row: Mapping[str, Any]) -> Change:
    path, _, line = _exactly(str, row["source"]).rpartition(":")
    return Change(
        principal=Principal(PrincipalType(row["share_type"]), _exactly(int, row["id"])),
        before=None if row["before"] is None else Permission(row["before"]),
        after=None if row["permission_type"] is None else Permission(row["permission_type"]),
        who=_exactly(str, row["who"]),
        source=Location(path, int(line), 1),
        reason=_optional(str, row["reason"]),
        expired=bool(row.get("expired", False)),
        hold=_optional(str, row["hold"]),
    )


def _instant(written: str) -> datetime:
    when = datetime.fromisoformat(written)
    if when.tzinfo is None:
        raise ValueError("its time has no zone")
    return when


def _exactly(kind: type[T], value: object) -> T:
    # True is an int to isinstance, and never an id.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"a value is {type(value).__name__} where {kind.__name__} belongs")
    return value


def _optional(kind: type[T], value: object) -> T | None:
    return None if value is None else _exactly(kind, value)
