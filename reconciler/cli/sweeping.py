"""A daemon that reads at the pace of need, wired: what each pass reads, and what is left unread."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reconciler.cli.conduct import Conducted
from reconciler.cli.site import Site
from reconciler.cli.tasks import task_for
from reconciler.config.files import Loaded
from reconciler.core.declared import DeclaredCollection
from reconciler.core.observed import Listing, Memory
from reconciler.core.plan import Plan
from reconciler.core.stirred import crossed, edited, moved, relisted
from reconciler.core.sweep import Pace, choose, entry_key, reading_takes
from reconciler.daemon.bell import Reason
from reconciler.daemon.extent import Extent
from reconciler.daemon.known import Known
from reconciler.passes.draft import View, look
from reconciler.passes.ports import Task
from reconciler.passes.rounds import Preview, preview

_NONE = timedelta(0)


@dataclass(slots=True)
class Sweep:
    """
    What is known of one tenant's entries, for as long as its daemon has the seat.

    `spent` is the time its passes took to read so many entries as `reads` tells.

    Without `schedule.full_sweep` nothing is, and every pass reads everything. So
    does the first one, and one that a person asks for by SIGHUP, to see. A pass
    after one that failed reads again what that one set out to read, which may
    have been written to; the rest nobody touched.
    """

    site: Site
    known: Known = field(default_factory=Known)
    spent: timedelta = timedelta(0)
    reads: int = 0
    _before: tuple[Loaded, Listing] | None = None

    def turn(self, reasons: Collection[Reason], next_due: Callable[[], datetime | None]) -> Turn:
        """
        Begin a pass. `next_due` tells when the one after it is due (None: nobody knows).

        It is asked late, for the timetable rings before it turns to the next time.
        """
        return Turn(self, next_due, reads_all=Reason.RELOAD in reasons)

    def forget(self) -> None:
        """Know nothing."""
        self.known, self._before = Known(), None

    def choose(
        self, listing: Listing, pace: Pace, *, reads_all: bool
    ) -> tuple[DeclaredCollection, ...]:
        """Tell what a pass reads that was shown this listing."""
        loaded, before = self.site.loaded, self._before
        self._before = loaded, listing
        declarations, readings = loaded.declarations, self.known.readings
        if before is not None:
            self.known.move(moved(before[0].declarations, declarations))
        if reads_all or before is None or _rules(before[0]) != _rules(loaded):
            return tuple(declarations.collections)
        stirred = {
            *edited(before[0].declarations, declarations),
            *crossed(declarations, readings, pace.now),
            *relisted(declarations.collections, readings, before[1], listing),
        }
        return choose(declarations.collections, readings, stirred, pace)


@dataclass(slots=True)
class Turn:
    """
    One pass: its task and its plan, as `conduct` asks for them.

    Once there is a task, `extent` tells how much of the file is read, and
    `left_out` what of it is not.
    """

    _sweep: Sweep
    _next_due: Callable[[], datetime | None]
    reads_all: bool
    extent: Extent | None = None
    left_out: Plan = field(default_factory=Plan)
    _task: Task | None = None
    _view: View | None = None
    _first: Preview | None = None

    def task(self, memory: Memory, at: datetime) -> Task:
        """What the pass is to do. Where it need not read all, the listing tells what it must."""
        sweep, site = self._sweep, self._sweep.site
        whole = task_for(site, memory, at)
        within = site.loaded.settings.schedule.full_sweep
        if within is None:
            sweep.forget()
            return self._with(whole, at)
        view = look(site.observer(), whole)
        listing = view.observed.listing
        pace = self._pace(at, within)
        chosen = sweep.choose(listing, pace, reads_all=self.reads_all)
        taken = {entry_key(each) for each in chosen}
        blind = sweep.known.blind(taken)
        sweep.known.keep((e for e in whole.entries if entry_key(e) not in taken), at)
        view.observed = replace(view.observed, pinned=sweep.known.beside(listing))
        self._view, self.left_out = view, sweep.known.plan()
        return self._with(replace(whole, entries=chosen, rest=sweep.known.rest(blind)), at)

    def preview(self, task: Task, at: datetime) -> Preview:
        """Plan it, by the listing that was looked at."""
        began = time.monotonic()
        self._first = preview(self._sweep.site.observer(), task, at, self._view)
        self._sweep.spent += timedelta(seconds=time.monotonic() - began)
        self._sweep.reads += len(task.entries)
        return self._first

    def passed(self, conducted: Conducted) -> None:
        """The pass ran to its end: what it read is known now."""
        if self._view is not None and self._task is not None and self._first is not None:
            at = conducted.header.created_at
            self._sweep.known.learn(self._task.entries, self._first, conducted.done, at)

    def _pace(self, at: datetime, within: timedelta) -> Pace:
        """How passes come, by how long the earlier ones took to read."""
        sweep, due = self._sweep, self._next_due()
        if due is None:
            return Pace(at, None, within)
        entries = len(sweep.site.loaded.declarations.collections)
        each = sweep.spent / max(sweep.reads, 1)
        return Pace(at, due, within, reading_takes(entries, each, max(due - at, _NONE), within))

    def _with(self, task: Task, at: datetime) -> Task:
        self._task = task
        since = min((each.at for each in self._sweep.known.readings.values()), default=at)
        of = len(task.declarations.collections)
        self.extent = Extent(collections=len(task.entries), of=of, since=since)
        return task


def _rules(loaded: Loaded) -> object:
    """What is judged by over all entries alike, wherever it stands: another one stirs them all."""
    settings = loaded.settings
    return (
        replace(settings.limits, protect=()),
        [who for who, _ in settings.limits.protect],
        [replace(each, source=None) for each in settings.acknowledge],
        settings.studio and settings.studio.me,
    )
