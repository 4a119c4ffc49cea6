"""What the daemon says of itself as plain data: `/api/v1/status`, `/healthz`, `/readyz`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from reconciler.core.document import Document, Header, instant
from reconciler.core.plan import Expiry, Hold, summarize
from reconciler.daemon.board import InForce, LastPass, Snapshot, Trouble
from reconciler.daemon.dues import Dues
from reconciler.daemon.extent import Extent
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.recorded import document_on_record
from reconciler.daemon.supervisor import PATIENCE
from reconciler.report import wording


def is_alive(heartbeat: Heartbeat) -> bool:
    """Whether there was progress not too long ago."""
    return heartbeat.age() <= PATIENCE


def health(heartbeat: Heartbeat, patience: float = PATIENCE) -> tuple[bool, Document]:
    """Whether the loop is alive, by the age of its last progress; Studio has no part in it."""
    age = heartbeat.age()
    alive = age <= patience
    return alive, {
        "status": "ok" if alive else "stuck",
        "heartbeat_age_seconds": round(age, 1),
        "patience_seconds": patience,
    }


def readiness(dues: Dues, snapshot: Snapshot) -> tuple[bool, Document]:
    """Whether passes succeed when they are due. One that stands by has none to make."""
    ready = dues.is_ready or snapshot.standing_by is not None
    return ready, {
        "status": "ready" if ready else "not ready",
        "due_times_missed": dues.missed,
        "standing_by": snapshot.standing_by,
    }


def status_document(now: Snapshot) -> Document:
    """Everything `reconciler status` tells, and what only the running daemon knows."""
    last, recalled = now.last, now.recalled
    left = None if last is None else last.left
    return {
        "studio": now.in_force.studio,
        "config": _config(now.in_force),
        "seat": _seat(now),
        "last_pass": None if last is None else _last(last),
        "last_error": _failure(now),
        "last_attempt": _when(now.last_attempt),
        "last_success": _when(now.last_success),
        "next": _when(now.next_due),
        "pending": None if left is None else asdict(summarize(left)),
        "holds": [] if last is None else [_hold(hold, last.header) for hold in last.left.holds],
        "troubles": [] if last is None else [_trouble(each) for each in last.troubles],
        "unreadable": [] if last is None else _unreadable(last),
        "unresolved": [] if last is None else _unresolved(last),
        "expiring": [] if left is None else [_expiry(each) for each in left.expiring],
        "token_expires": _when(now.token_expires),
        "read": None if last is None or last.extent is None else _extent(last.extent),
        "on_record": None if recalled is None else document_on_record(recalled),
    }


def _config(in_force: InForce) -> Document:
    return {
        "path": in_force.path,
        "digest": in_force.digest,
        "commit": in_force.commit,
        "mode": in_force.mode,
        "observe": in_force.observe,
        "pause_until": _when(in_force.paused_until),
        "valid": not in_force.problems,
        "problems": list(in_force.problems),
    }


def _seat(now: Snapshot) -> Document | None:
    if now.unseated:
        return None
    held = now.standing_by is None
    return {
        "holder": now.standing_by or now.holder,
        "since": instant(now.since),
        "standing_by": not held,
    }


def _last(last: LastPass) -> Document:
    return {
        "pass_id": last.header.id,
        "verdict": last.verdict,
        "reasons": list(last.reasons),
        "may_write": last.may_write,
        "started_at": instant(last.header.created_at),
        "finished_at": instant(last.finished_at),
        "seconds": round(last.seconds, 2),
        "requests": last.requests,
        "summary": asdict(last.summary),
    }


def _extent(extent: Extent) -> Document:
    return {
        "collections": extent.collections,
        "of": extent.of,
        "since": instant(extent.since),
    }


def _failure(now: Snapshot) -> Document | None:
    if now.failure is None:
        return None
    failure = now.failure
    return {"message": failure.message, "remedy": failure.remedy, "at": instant(failure.at)}


def _hold(hold: Hold, header: Header) -> Document:
    entry = wording.acknowledge_entry(hold, header) if hold.can_be_acknowledged else None
    return {
        "hold": hold.id,
        "guard": hold.guard,
        "collection": hold.collection,
        "detail": hold.detail,
        "changes": hold.changes,
        "acknowledge": entry,
    }


def _trouble(trouble: Trouble) -> Document:
    return {
        "collection": trouble.collection,
        "who": trouble.who,
        "outcome": trouble.outcome.result,
        "error": trouble.outcome.error,
    }


def _unreadable(last: LastPass) -> list[Document]:
    return [
        {"collection": each.name, "id": each.id, "reason": each.reason}
        for each in last.left.collections
        if each.status == "unreadable"
    ]


def _unresolved(last: LastPass) -> list[Document]:
    return [
        {"collection": each.name, "id": each.id, "who": list(each.unresolved)}
        for each in last.left.collections
        if each.unresolved
    ]


def _expiry(expiry: Expiry) -> Document:
    return {
        "collection": expiry.collection,
        "share_type": expiry.principal.type,
        "id": expiry.principal.id,
        "who": expiry.who,
        "permission": expiry.permission,
        "remaining": expiry.remaining,
        "closes": instant(expiry.closes),
        "source": expiry.source.short,
    }


def _when(when: datetime | None) -> str | None:
    return None if when is None else instant(when)
