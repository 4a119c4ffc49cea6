"""Snapshots as the pages are shown them: a quiet one, and one with something of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reconciler.core.document import Header
from reconciler.core.model import Mode, Notice, Status
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import CollectionPlan, Expiry, Hold, Plan, summarize
from reconciler.daemon.board import InForce, LastPass, Snapshot, Trouble
from tests.builders import VIEW, at, change, planned, user

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=3)
IN_FORCE = InForce(
    studio="https://school.instructuremedia.com",
    mode=Mode.AUTHORITATIVE,
    zone=ZoneInfo("America/Chicago"),
    path="config.yaml",
    digest="sha256:00",
    commit="abc1234def567890",
)
HEADER = Header(
    id="01JDPASS",
    created_at=BEGAN,
    studio=IN_FORCE.studio,
    config_path=IN_FORCE.path,
    config_digest=IN_FORCE.digest,
    commit=IN_FORCE.commit,
)
STARTING = Snapshot(in_force=IN_FORCE, holder="host:7", since=NOW - timedelta(hours=5))
HOLD = "7c1f0a9e"


def last_pass(left: Plan, verdict: str = "done", *, may_write: bool = True) -> LastPass:
    return LastPass(
        header=HEADER,
        verdict=verdict,
        finished_at=BEGAN + timedelta(seconds=4),
        reasons=("schedule",),
        may_write=may_write,
        seconds=4.2,
        requests=17,
        summary=summarize(left),
        left=left,
        document=b'{"format": "reconciler.plan/1"}\n',
    )


def after(left: Plan, verdict: str = "done", *, may_write: bool = True) -> Snapshot:
    """A daemon whose last pass left this."""
    return replace(
        STARTING,
        last=last_pass(left, verdict, may_write=may_write),
        last_attempt=BEGAN,
        last_success=BEGAN,
        next_due=NOW + timedelta(minutes=12),
    )


def agreeing(name: str = "Biology 101") -> Plan:
    return Plan(collections=(planned(name=name),))


def eventful(name: str = "Biology 101") -> Snapshot:
    """Something of everything, with this name wherever a name can stand."""
    held = replace(change(user(102), VIEW, None, label=name, reason=name), hold=HOLD)
    entries = (
        planned(held, change(user(103), None, VIEW, label=name), name=name, unresolved=(name,)),
        _unreadable(name),
        planned(name=f"{name} too", id=4713, line=80),
    )
    hold = Hold(id=HOLD, guard="removals.per_pass", collection=name, detail=name, changes=1)
    left = Plan(
        collections=entries,
        holds=(hold,),
        notices=(Notice(at(61), "unresolved-user", f"{name} is nobody"),),
        expiring=(expiry(name),),
    )
    now = after(left, "partial")
    assert now.last is not None
    failed = Outcome(Result.FAILED, f"refused {name}")
    troubles = (Trouble(name, name, failed), Trouble(name, None, Outcome(Result.NOT_TRIED)))
    return replace(
        now,
        in_force=replace(IN_FORCE, problems=(f"config.yaml:3:5: {name}",), path=name),
        last=replace(now.last, troubles=troubles),
    )


def _unreadable(name: str) -> CollectionPlan:
    entry = planned(name=name, id=4712, line=70, status=Status.UNREADABLE)
    return replace(entry, reason=f"{name} answered 403")


def expiry(name: str) -> Expiry:
    return Expiry(
        closes=NOW + timedelta(days=9),
        collection=name,
        principal=user(102),
        who=name,
        permission=VIEW,
        remaining=None,
        source=at(52),
    )
