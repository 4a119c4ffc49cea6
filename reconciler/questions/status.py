"""What the daemon last did, from the state alone: nobody is asked, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.core.document import Document, instant
from reconciler.questions.history import Account, account_of, passes_on_record
from reconciler.questions.living import living_holder
from reconciler.state.lease import SEAT, Held
from reconciler.state.store import Store

BY_DAEMON = "run"
LOOKED_THROUGH = 500  # passes, for the last one that was a daemon's


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has the daemon's seat, and the daemon's last pass; None where there is none."""

    seat: Held | None = None
    last: Account | None = None

    @property
    def holds(self) -> tuple[Mapping[str, object], ...]:
        """What the last pass left for a person to decide."""
        return () if self.last is None else self.last.holds


def standing(store: Store, now: datetime) -> Standing:
    """Look up the seat, and the last pass that `run` made."""
    ran = (
        each.id for each in passes_on_record(store, LOOKED_THROUGH, now) if each.kind == BY_DAEMON
    )
    last = next(ran, None)
    return Standing(
        living_holder(store, SEAT, now), None if last is None else account_of(store, last, now)
    )


def standing_document(found: Standing, next_due: datetime | None) -> Document:
    """The same as plain data; `next` is when the next pass is due, null without a daemon."""
    return {
        "seat": _seat(found.seat),
        "last_pass": _last(found.last),
        "holds": list(found.holds),
        "next": None if next_due is None else instant(next_due),
    }


def _seat(held: Held | None) -> Document | None:
    if held is None:
        return None
    return {"holder": str(held.holder), "since": instant(held.since)}


def _last(account: Account | None) -> Document | None:
    if account is None:
        return None
    record = account.record
    return {
        "pass_id": record.id,
        "verdict": record.verdict.value,
        "started_at": instant(record.started_at),
        "finished_at": None if record.finished_at is None else instant(record.finished_at),
        "summary": dict(record.summary),
    }
