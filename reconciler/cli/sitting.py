"""One daemon's hold of one tenant: between taking the seat and leaving it, it runs the passes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from reconciler.cli.conduct import Conducted, conduct, unattended
from reconciler.cli.facing import Facing, Passed
from reconciler.cli.looking import look_only
from reconciler.cli.passlog import tally, tell_pass
from reconciler.cli.site import Site, now
from reconciler.cli.sweeping import Sweep
from reconciler.cli.telling import Telling
from reconciler.config.files import Loaded, Texts
from reconciler.daemon.bell import ASKED_BY_A_PERSON, Bell, Reason
from reconciler.daemon.boundary import next_boundary
from reconciler.daemon.breaker import Tally
from reconciler.daemon.extent import Extent
from reconciler.daemon.goodfile import Changed, Kept, LastGood, Unchanged
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.loop import Call, Surroundings, run_loop
from reconciler.daemon.schedule import Clockwork, Timetable
from reconciler.daemon.supervisor import Supervisor
from reconciler.daemon.turnstile import Turnstile
from reconciler.errors import Busy, ReconcilerError, StateError, Stopped
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import Watch

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Post:
    """
    Where a tenant's daemon stands: what rings it, who sees it, and how it is told to go.

    `stopped` ends it after the requests in hand, `left` only this holding of the
    seat, after the pass in hand. `failures` counts the passes of this holding that failed
    in a row for want of anything but the state. The `clockwork` is one that others go by too;
    without it there is one for this tenant. Through the `turnstile` goes what
    many in one process must not begin at once.
    """

    facing: Facing
    observe: bool
    bell: Bell
    heartbeat: Heartbeat
    systemd: Supervisor
    clockwork: Clockwork | None = None
    turnstile: Turnstile | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    failures: int = 0

    def stop(self) -> None:
        """Finish the requests in hand, record them, and end."""
        self.stopped.set()
        self.leave()

    def reload(self) -> None:
        """Read the files again and start a pass now."""
        self.bell.ring(Reason.RELOAD)

    def at_work(self) -> AbstractContextManager[None]:
        """Wait until the process can bear it, and be at work for this tenant."""
        if self.turnstile is None:
            return nullcontext()
        return self.turnstile.inside(self.stopped, self.heartbeat.beat)

    def arrive(self) -> None:
        """Begin a holding of the seat, which is over at once where this is told to end."""
        self.left.clear()
        self.failures = 0
        # Asked after: a stop that came just before was cleared with it.
        if self.stopped.is_set():
            self.left.set()

    def leave(self) -> None:
        """Give the seat up when no pass is in hand, and stand by anew."""
        self.left.set()
        self.bell.wake()


class Sitting:
    """
    The time between taking the seat and leaving it: the loop, and what each pass comes to.

    `writing` is a watch of the lease on writing that was begun before the seat was taken.
    """

    def __init__(
        self,
        post: Post,
        good: LastGood[Texts, Loaded],
        site: Site,
        seat: LeaseKeeper,
        telling: Telling,
        *,
        writing: Watch | None = None,
    ) -> None:
        self._post = post
        self._good = good
        self._site = site
        self._seat = seat
        self._telling = telling
        self._writing = writing
        self._sweep = Sweep(site)
        self._timetable = Timetable(
            self._came_due,
            site.loaded.settings.schedule,
            site.loaded.settings.timezone,
            post.clockwork,
        )

    def run(self) -> None:
        post = self._post
        log.info("the seat is taken", tenant=self._site.tenant, observe=post.observe)
        around = Surroundings(
            boundary=self._boundary,
            interval=lambda: self._site.loaded.settings.schedule.every,
            heartbeat=self._beat,
        )
        with self._timetable:
            post.facing.sits(self._next_due())
            run_loop(self._pass, post.bell, post.left, around)

    def _came_due(self) -> None:
        self._post.facing.came_due()
        self._post.bell.ring(Reason.SCHEDULE)

    def _beat(self) -> None:
        self._post.heartbeat.beat()
        self._timetable.recheck()
        if self._seat.is_lost:
            log.error("the seat is lost; standing by again")
            self._post.leave()

    def _boundary(self, after: datetime) -> datetime | None:
        loaded = self._site.loaded
        return next_boundary(loaded.declarations, loaded.settings.schedule.pause_until, after)

    def _pass(self, call: Call) -> Tally:
        with self._post.at_work():
            return self._pass_now(call)

    def _pass_now(self, call: Call) -> Tally:
        if not self._goes_on(call):
            return Tally()
        site = self._site
        may_write = call.may_write and not self._post.observe and not site.is_paused()
        turn = self._sweep.turn(call.reasons, self._next_due)
        orders = replace(unattended(site, turn.task, may_write=may_write), preview=turn.preview)
        problems, facing = self._good.problems, self._post.facing
        facing.began()
        try:
            conducted = conduct(site, orders, self._writing)
        except Stopped:
            raise
        except ReconcilerError as error:
            # Without the state or the lease another daemon could do no more.
            self._post.failures += not isinstance(error, StateError)
            self._telling.failed(error, problems, may_write=call.may_write)
            facing.failed(site, error, problems, self._next_due(), self._seen(error, call))
            raise
        self._post.failures = 0
        turn.passed(conducted)
        self._tell(conducted, call, turn.extent, may_write=may_write)
        self._telling.passed(conducted, problems, may_write=call.may_write)
        reasons = frozenset(map(str, call.reasons))
        passed = Passed(conducted, reasons, may_write, turn.extent, turn.left_out)
        facing.ended(site, passed, problems, self._next_due())
        return tally(conducted)

    def _seen(self, error: ReconcilerError, call: Call) -> Passed | None:
        """What there is to do although the state is away; without it nothing is written."""
        if not isinstance(error, StateError) or isinstance(error, Busy):
            return None
        if (conducted := look_only(self._site, error)) is None:
            return None
        tell_pass(conducted, call.reasons, None, may_write=False)
        return Passed(conducted, frozenset(map(str, call.reasons)), may_write=False)

    def _next_due(self) -> datetime | None:
        times = (self._timetable.next_due, self._boundary(now()))
        return min((each for each in times if each is not None), default=None)

    def _tell(
        self, conducted: Conducted, call: Call, extent: Extent | None, *, may_write: bool
    ) -> None:
        if self._good.problems and not call.reasons & ASKED_BY_A_PERSON:
            told = [str(each) for each in self._good.problems]
            log.error("the files on disk are still not valid", problems=told)
        tell_pass(conducted, call.reasons, extent, may_write=may_write)
        self._post.systemd.status(f"last pass {conducted.header.id}: {conducted.status.name}")

    def _goes_on(self, call: Call) -> bool:
        """Read the files again where that may help; whether this is still ours to go on with."""
        if call.reasons & ASKED_BY_A_PERSON:
            return self._read_again(self._good.reload)
        return not self._good.problems or self._read_again(self._good.retry)

    def _read_again(self, read: Callable[[], Changed[Loaded] | Unchanged | Kept]) -> bool:
        self._post.systemd.reloading()
        change = read()
        self._post.systemd.ready("files read again")
        if not isinstance(change, Changed):
            self._post.facing.open(self._site, self._good.problems)
            return True
        loaded = change.after
        log.info("the files have changed", digest=loaded.digest, commit=loaded.commit)
        before = (self._site.tenant, self._site.state_place())
        self._site.adopt(loaded)
        self._post.facing.open(self._site, self._good.problems)
        if (self._site.tenant, self._site.state_place()) != before:
            log.info("the tenant or the state is another one; standing by for its seat")
            self._post.leave()
            return False
        schedule = loaded.settings.schedule
        self._timetable.reschedule(schedule, loaded.settings.timezone)
        return True
