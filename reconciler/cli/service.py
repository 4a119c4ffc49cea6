"""The daemon, wired: files in force, seat, bell, passes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from reconciler.cli import logs
from reconciler.cli.conduct import Conducted, Orders, conduct
from reconciler.cli.facing import Facing, Passed
from reconciler.cli.options import Shared
from reconciler.cli.passlog import tally, tell_pass
from reconciler.cli.rereading import Rereading
from reconciler.cli.shelf import Beating, TextShelf, state_place
from reconciler.cli.site import Site, now
from reconciler.cli.tasks import task_for
from reconciler.cli.telling import Telling
from reconciler.config.files import Loaded, Texts
from reconciler.daemon import supervisor
from reconciler.daemon.bell import ASKED_BY_A_PERSON, Bell, Reason
from reconciler.daemon.boundary import next_boundary
from reconciler.daemon.breaker import Tally
from reconciler.daemon.goodfile import Changed, Kept, LastGood, Unchanged
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.loop import Call, Surroundings, run_loop
from reconciler.daemon.outbox import Outbox
from reconciler.daemon.schedule import Timetable
from reconciler.daemon.signals import signals
from reconciler.daemon.supervisor import Supervisor
from reconciler.daemon.watch import watching
from reconciler.daemon.watched import watched_files
from reconciler.errors import Busy, ConfigError, ReconcilerError, StateError
from reconciler.passes.rounds import preview
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import SEAT, Held, holder_of
from reconciler.state.shelf import open_shelf

log = structlog.get_logger()

STANDING_BY = timedelta(seconds=100)
"""How long one look at another daemon's seat lasts: longer than a dead one keeps it."""

NO_STATE = timedelta(seconds=5)
"""How long until a state that cannot be used is tried again."""


def serve(shared: Shared, *, observe: bool) -> int:
    """Run the daemon until it is told to stop. Raises ConfigError where no file was ever good."""
    logs.configure(shared.log_format, shared.verbosity)
    service = Service(shared.path(), sandbox=shared.sandbox, observe=observe)
    with signals(stop=lambda _signal: service.stop(), reload=service.reload):
        service.run()
    return 0


@dataclass(slots=True)
class Service:
    """One tenant's daemon: it holds the seat while it lives, and runs the passes."""

    path: Path
    sandbox: bool
    observe: bool
    bell: Bell = field(default_factory=Bell)
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    systemd: Supervisor = field(default_factory=supervisor.from_environment)
    stopped: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    facing: Facing = field(init=False)

    def __post_init__(self) -> None:
        self.facing = Facing(self.heartbeat, self.bell, observe=self.observe)

    def stop(self) -> None:
        """Finish the requests in hand, record them, and end."""
        self.stopped.set()
        self.left.set()
        self.bell.wake()

    def reload(self) -> None:
        """Read the files again and start a pass now."""
        self.bell.ring(Reason.RELOAD)

    def run(self) -> None:
        """Stand by for the seat, run the loop, and again if the seat was lost or is another."""
        # The watcher begins before the files are read, so that no change is missed in between.
        with ExitStack() as stack:
            stack.enter_context(watching(lambda: watched_files(self.path), self.bell))
            place = state_place(self.path, sandbox=self.sandbox)
            shelf = stack.enter_context(closing(open_shelf(place, self.path)))
            source = Rereading(self.path, self.sandbox).source()
            good = LastGood(source, TextShelf(shelf, self.path))
            stack.enter_context(self.systemd.watching(self.heartbeat))
            stack.enter_context(closing(self.facing))
            self.systemd.ready("starting")
            while not self.stopped.is_set():
                self.left.clear()
                try:
                    self._hold_seat(good)
                except StateError as error:
                    self._without_state(error)
            self.systemd.stopping("told to stop")
        log.info("stopped")

    def _hold_seat(self, good: LastGood[Texts, Loaded]) -> None:
        progress = Beating(self.heartbeat)
        site = Site(good.in_force, self.sandbox, progress, self.stopped)
        with closing(site):
            self.heartbeat.beat()
            self._open_pages(site, good)
            seat = LeaseKeeper(
                site.store(),
                SEAT,
                patience=STANDING_BY,
                waiting=self._stand_by,
                stop=self.stopped,
            )
            try:
                with seat, Outbox() as outbox:
                    self.facing.open(site, good.problems)
                    _Watch(self, good, site, seat, Telling(site, outbox)).run()
            except Busy as error:
                if not self.stopped.is_set():
                    log.debug("still standing by", holder=error.message)

    def _without_state(self, error: StateError) -> None:
        """Wait a little. It was there at the start: its server is away, and will be back."""
        log.error("standing by: no state", error=error.message, remedy=error.remedy)
        self.systemd.status("standing by: the state cannot be used")
        self.heartbeat.beat()
        self.stopped.wait(NO_STATE.total_seconds())

    def _open_pages(self, site: Site, good: LastGood[Texts, Loaded]) -> None:
        """Show the pages. While another daemon sits, it may have the address too: tried again."""
        try:
            self.facing.open(site, good.problems)
        except ConfigError:
            raise
        except ReconcilerError as error:
            if not isinstance(holder_of(site.store(), SEAT), Held):
                raise
            log.warning("no pages while standing by", error=error.message)

    def _stand_by(self, holder: str, since: datetime) -> None:
        log.info("standing by: another daemon has the seat", holder=holder, since=since.isoformat())
        self.systemd.status(f"standing by for {holder}")
        self.facing.stands_by(holder)

    def leave(self) -> None:
        """End the loop and stand by anew."""
        self.left.set()
        self.bell.wake()


class _Watch:
    """The time between taking the seat and leaving it."""

    def __init__(
        self,
        service: Service,
        good: LastGood[Texts, Loaded],
        site: Site,
        seat: LeaseKeeper,
        telling: Telling,
    ) -> None:
        self._service = service
        self._good = good
        self._site = site
        self._seat = seat
        self._telling = telling
        self._timetable = Timetable(
            self._came_due,
            site.loaded.settings.schedule,
            site.loaded.settings.timezone,
        )

    def run(self) -> None:
        service = self._service
        log.info("the seat is taken", tenant=self._site.tenant, observe=service.observe)
        around = Surroundings(
            boundary=self._boundary,
            interval=lambda: self._site.loaded.settings.schedule.every,
            heartbeat=self._beat,
        )
        with self._timetable:
            service.facing.sits(self._next_due())
            run_loop(self._pass, service.bell, service.left, around)

    def _came_due(self) -> None:
        self._service.facing.came_due()
        self._service.bell.ring(Reason.SCHEDULE)

    def _beat(self) -> None:
        self._service.heartbeat.beat()
        self._timetable.recheck()
        if not self._seat.seconds_left:
            log.error("the seat is lost; standing by again")
            self._service.leave()

    def _boundary(self, after: datetime) -> datetime | None:
        loaded = self._site.loaded
        return next_boundary(loaded.declarations, loaded.settings.schedule.pause_until, after)

    def _pass(self, call: Call) -> Tally:
        if not self._goes_on(call):
            return Tally()
        site = self._site
        may_write = call.may_write and not self._service.observe and not site.is_paused()
        orders = Orders(
            kind="run",
            task=lambda memory, at: task_for(site, memory, at),
            preview=lambda task, at: preview(site.observer(), task, at),
            go=lambda first, _header: may_write and bool(first.judged.approved.collections),
            interruptible=False,
            waits=log.info,
        )
        problems, facing = self._good.problems, self._service.facing
        facing.began()
        try:
            conducted = conduct(site, orders)
        except ReconcilerError as error:
            self._telling.failed(error, problems, may_write=call.may_write)
            facing.failed(site, error, problems, self._next_due())
            raise
        self._tell(conducted, call, may_write=may_write)
        self._telling.passed(conducted, problems, may_write=call.may_write)
        passed = Passed(conducted, frozenset(map(str, call.reasons)), may_write)
        facing.ended(site, passed, problems, self._next_due())
        return tally(conducted)

    def _next_due(self) -> datetime | None:
        times = (self._timetable.next_due, self._boundary(now()))
        return min((each for each in times if each is not None), default=None)

    def _tell(self, conducted: Conducted, call: Call, *, may_write: bool) -> None:
        if self._good.problems and not call.reasons & ASKED_BY_A_PERSON:
            told = [str(each) for each in self._good.problems]
            log.error("the files on disk are still not valid", problems=told)
        tell_pass(conducted, call.reasons, may_write=may_write)
        self._service.systemd.status(f"last pass {conducted.header.id}: {conducted.status.name}")

    def _goes_on(self, call: Call) -> bool:
        """Read the files again where that may help; whether this is still ours to go on with."""
        if call.reasons & ASKED_BY_A_PERSON:
            return self._read_again(self._good.reload)
        return not self._good.problems or self._read_again(self._good.retry)

    def _read_again(self, read: Callable[[], Changed[Loaded] | Unchanged | Kept]) -> bool:
        self._service.systemd.reloading()
        change = read()
        self._service.systemd.ready("files read again")
        if not isinstance(change, Changed):
            self._service.facing.open(self._site, self._good.problems)
            return True
        loaded = change.after
        log.info("the files have changed", digest=loaded.digest, commit=loaded.commit)
        before = (self._site.tenant, self._site.state_place())
        self._site.adopt(loaded)
        self._service.facing.open(self._site, self._good.problems)
        if (self._site.tenant, self._site.state_place()) != before:
            log.info("the tenant or the state is another one; standing by for its seat")
            self._service.leave()
            return False
        schedule = loaded.settings.schedule
        self._timetable.reschedule(schedule, loaded.settings.timezone)
        return True
