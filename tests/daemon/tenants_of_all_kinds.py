"""A consortium: tenants by the hundred, each standing in one of all the ways there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle

from reconciler.core.plan import Plan
from reconciler.daemon.board import Board, Failure, Snapshot
from reconciler.daemon.dues import Dues
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.metrics import Meter
from reconciler.daemon.records import Records
from reconciler.daemon.tenants import Broken, Roster, Tenant
from reconciler.daemon.view import View
from reconciler.state.latest import Latest
from reconciler.state.records import PassRecord, Verdict
from tests.builders import VIEW, change, planned, user
from tests.daemon.snapshots import IN_FORCE, NOW, STARTING, after, agreeing, eventful

PENDING = Plan(collections=(planned(change(user(103), None, VIEW)),))
NOBODY = replace(STARTING, unseated=True)
ELSEWHERE = replace(STARTING, standing_by="fleet-2.example.edu:4711")


def on_record(
    verdict: Verdict = Verdict.DONE,
    applied: int = 0,
    *,
    commit: str | None = None,
    began: datetime = NOW - timedelta(minutes=7),
    **summary: object,
) -> Latest:
    """A pass that somebody else made."""
    record = PassRecord(
        id="01JDELSEWHERE",
        kind="run",
        verdict=verdict,
        holder="fleet-2.example.edu:4711",
        started_at=began,
        finished_at=began + timedelta(minutes=1),
        commit=commit,
        summary=summary,
    )
    return Latest(record, applied)


FAILED = replace(
    after(agreeing()),
    failure=Failure("the token is refused", "run `reconciler login`", NOW),
)
KINDS: tuple[Snapshot, ...] = (
    *(after(agreeing()),) * 9,
    *(ELSEWHERE,) * 2,
    *(replace(ELSEWHERE, on_record=on_record(Verdict.DONE, 3, create=3)),) * 2,
    replace(ELSEWHERE, on_record=on_record(Verdict.HELD, create=1234, held=1234)),
    replace(ELSEWHERE, on_record=on_record(Verdict.INTERRUPTED)),
    after(PENDING, may_write=False),
    NOBODY,
    eventful(),
    FAILED,
    STARTING,
)
BROKEN = Broken(
    "tenants/new-school.yaml",
    (
        "tenants/new-school.yaml:3:5: unknown key 'colections'; did you mean 'collections'?",
        "tenants/new-school.yaml:9:11: mode: one of observe, additive, authoritative",
    ),
)


@dataclass
class Clock:
    """Seconds that go by when they are told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Kept:
    """A tenant, and what a test changes about it."""

    tenant: Tenant
    board: Board
    dues: Dues
    clock: Clock
    meter: Meter

    def halts(self) -> None:
        """Its loop makes no progress for a long while."""
        self.clock.now += timedelta(hours=1).total_seconds()

    def misses(self, times: int) -> None:
        for _ in range(times):
            self.dues.came()


def kept(name: str, now: Snapshot) -> Kept:
    """One tenant of this name."""
    now = replace(now, in_force=replace(IN_FORCE, studio=f"https://{name}"))
    board, dues, clock = Board(now), Dues(), Clock()
    view = View(
        board=board,
        meter=Meter(lambda: board.snapshot),
        heartbeat=Heartbeat(clock),
        dues=dues,
        records=lambda: Records("/nowhere/reconciler.db", name),
        clock=lambda: NOW,
    )
    return Kept(Tenant(name, view), board, dues, clock, view.meter)


def roster(*tenants: Kept, broken: tuple[Broken, ...] = ()) -> Roster:
    return Roster({each.tenant.name: each.tenant for each in tenants}, broken)


def consortium(number: int) -> list[Kept]:
    """So many tenants of all kinds."""
    return [kept(name, now) for name, now in zip(_names(number), cycle(KINDS), strict=False)]


def _names(number: int) -> Iterator[str]:
    return (f"district-{each:03}.instructuremedia.com" for each in range(number))
