"""One pass, conducted: lease, memory, plan, question, writing, record."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

import structlog

from reconciler.cli import exits
from reconciler.cli.connection import make_writer
from reconciler.cli.exits import Exit
from reconciler.cli.recording import Record, quiet_from, settle_found, settle_seen
from reconciler.cli.remembering import remember_pass
from reconciler.cli.site import Site, new_pass_id, now
from reconciler.cli.terminal import tell
from reconciler.core.document import Header
from reconciler.core.guards import ApprovedPlan
from reconciler.core.observed import Memory, Shares, Unreadable
from reconciler.core.outcome import Outcomes
from reconciler.core.plan import Plan
from reconciler.daemon.signals import signals
from reconciler.errors import Stopped
from reconciler.passes.ports import Clock, Executor, Studio, Task
from reconciler.passes.rounds import Done, Preview, carry_out, preview
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, Watch, ttl_for
from reconciler.state.retention import forget_old
from reconciler.studio.execute import ExecuteOptions, Hands, execute

log = structlog.get_logger()

_VERDICTS = {Exit.DONE: "done", Exit.HELD: "held", Exit.PARTLY: "partial", Exit.STALE: "partial"}

LATE = "a collection that an earlier pass sent may still come to be"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """
    What came of a pass.

    Where nothing was to be written, `wrote` is False; where it was told to stop
    before its end, `stopped` is True.
    """

    header: Header
    done: Done
    wrote: bool
    stopped: bool
    status: Exit
    seconds: float
    requests: int

    @property
    def verdict(self) -> str:
        """How it ended, in the journal's word."""
        return "stopped" if self.stopped else _VERDICTS.get(self.status, "failed")


Carry: TypeAlias = Callable[[Studio, Task, Preview, Executor, Record, Clock], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """
    How to conduct a pass.

    `task` makes its task from what is remembered; `preview` plans it; `go` is
    shown the plan and says whether to carry it out; `carry` does, and `idle`
    says what there is to tell where nothing is carried out. An `interruptible`
    pass takes the process's signals while it writes: the first one stops it
    after the requests in hand. `waits` is told what it waits for.
    """

    kind: str
    task: Callable[[Memory, datetime], Task]
    preview: Callable[[Task, datetime], Preview]
    go: Callable[[Preview, Header], bool]
    carry: Carry = carry_out
    idle: Callable[[Preview], Done] = lambda first: Done(first.plan)
    remembers: bool = True
    interruptible: bool = True
    waits: Callable[[str], None] = tell


def unattended(site: Site, task: Callable[[Memory, datetime], Task], *, may_write: bool) -> Orders:
    """The orders of a pass that nobody watches; without `may_write` it only looks."""
    return Orders(
        kind="run",
        task=task,
        preview=lambda task, at: preview(site.observer(), task, at),
        go=lambda first, _header: may_write and bool(first.judged.approved.collections),
        interruptible=False,
        waits=log.info,
    )


def conduct(site: Site, orders: Orders, watch: Watch | None = None) -> Conducted:
    """
    Conduct one pass under the lease. Raises Busy when somebody else keeps it for a minute.

    Raises Stopped when it is told to stop before anything was read: each of its first
    transactions may take its time, where the database is slow.

    A `watch` of the lease that was begun before is gone on with: who took over
    from a dead daemon has waited for most of it already.
    """
    store = site.store()
    lease = LeaseKeeper(
        store,
        PASS,
        ttl=ttl_for(site.timeout),
        waiting=partial(_waiting, orders.waits),
        stop=site.stop,
        watch=watch,
    )
    journal = Journal(store, lease.check)
    with lease:
        _go_on(site)
        journal.mark_interrupted()
        _go_on(site)
        forget_old(store, now())
        _go_on(site)
        at, began = now(), time.monotonic()
        header = site.header(new_pass_id(at), at)
        structlog.contextvars.bind_contextvars(pass_id=header.id)
        record = Record(journal, header)
        journal.begin(
            header.id,
            kind=orders.kind,
            started_at=at,
            holder=str(Holder.this_process()),
            config_digest=header.config_digest,
            commit=header.commit,
        )
        verdict = "failed"
        plan: Plan | None = None
        try:
            _go_on(site)
            _SiteClock(site, orders.waits).wait_until(quiet_from(journal, site.timeout, at), LATE)
            _go_on(site)
            conducted = _pass(site, orders, record, lease, began)
            plan, verdict = conducted.done.plan, conducted.verdict
        except (KeyboardInterrupt, Stopped):
            verdict = "stopped"
            raise
        finally:
            site.rest()
            record.finish(verdict, plan)
            structlog.contextvars.unbind_contextvars("pass_id")
        return conducted


def _go_on(site: Site) -> None:
    if site.stop.is_set():
        raise Stopped("stopped before anything was read")


def _pass(
    site: Site, orders: Orders, record: Record, lease: LeaseKeeper, began: float
) -> Conducted:
    at, header = record.header.created_at, record.header
    sent_before = site.reader().requests
    task = orders.task(site.recall(), at)
    first = orders.preview(task, at)
    settle_seen(record.journal, header.id, first.plan)
    site.progress.clear()
    wrote = orders.go(first, header)
    if wrote:
        done = _write(site, orders, task, first, record, lease)
    else:
        if first.plan.has_changes:
            record.planned(1, first.plan)
        done = orders.idle(first)
    settle_found(record.journal, header.id, done)
    site.progress.clear()
    if orders.remembers:
        remember_pass(site.store(), task, first, done)
    return Conducted(
        header=header,
        done=done,
        wrote=wrote,
        stopped=site.stop.is_set(),
        status=exits.of_done(done),
        seconds=time.monotonic() - began,
        requests=site.reader().requests - sent_before,
    )


def _write(  # noqa: PLR0917 - the parts of a pass, handed on
    site: Site, orders: Orders, task: Task, first: Preview, record: Record, lease: LeaseKeeper
) -> Done:
    longest = site.timeout.total_seconds()
    writer = make_writer(site, lambda: lease.require(longest))
    observer = site.observer()
    studio = site.loaded.settings.studio
    options = ExecuteOptions(
        concurrency=site.options().concurrency,
        batch_size=studio.batch_size if studio is not None else 50,
    )

    def read_again(id: int) -> Shares | Unreadable:
        return observer.shares((id,))[0][id]

    def carry(approved: ApprovedPlan, round: int) -> Outcomes:
        hands = Hands(writer, read_again, replace(record, round=round))
        return execute(approved, hands, options, site.progress)

    # Only the writing is worth finishing: until here an interrupt may end us at once.
    with signals(stop=lambda _signal: site.stop.set()) if orders.interruptible else nullcontext():
        return orders.carry(observer, task, first, carry, record, _SiteClock(site, orders.waits))


@dataclass(frozen=True, slots=True)
class _SiteClock:
    """The clock of a pass; a stop ends its waits."""

    site: Site
    tell: Callable[[str], None]

    def now(self) -> datetime:
        return now()

    def wait_until(self, when: datetime, why: str) -> None:
        self.site.progress.clear()
        seconds = (when - now()).total_seconds()
        if seconds > 0:
            self.tell(f"waiting {seconds:.0f} s: {why}")
            self.site.stop.wait(seconds)


def _waiting(told: Callable[[str], None], holder: str, since: datetime) -> None:
    told(f"waiting for a pass in hand: {holder}, since {since:%Y-%m-%dT%H:%M:%SZ}")
