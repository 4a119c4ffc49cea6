"""
The daemon over weeks that pass in seconds: its loop, its passes, its files, in a time of our own.

Real are the loop, the passes with all they do, the files and who looks at them, the state, the
seat and the pages. The tenant is the sandbox's, in this process. Time goes on where somebody
waits, and only there.
"""

from __future__ import annotations

import heapq
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import time_machine
from sqlalchemy import select

from reconciler.cli.rereading import Rereading
from reconciler.cli.service import post_for
from reconciler.cli.shelf import TextShelf
from reconciler.cli.sitting import Post, Sitting
from reconciler.cli.telling import Telling
from reconciler.core.outcome import Result
from reconciler.daemon.beats import Delayed, Every
from reconciler.daemon.bell import Bell, Reason
from reconciler.daemon.breaker import Tally
from reconciler.daemon.goodfile import LastGood
from reconciler.daemon.loop import LONGEST_WAIT, Call, Surroundings, run_loop
from reconciler.daemon.outbox import Outbox
from reconciler.daemon.watch import Watcher
from reconciler.daemon.watched import watched_files
from reconciler.errors import ReconcilerError
from reconciler.sandbox.faults import Fault
from reconciler.state import schema
from reconciler.state.clock import Clock
from reconciler.state.history import History
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import SEAT
from reconciler.state.records import Verdict
from reconciler.state.shelf import Shelf
from reconciler.state.store import open_store
from tests.laws.chance import FAULTS, PEOPLE, Chance, tenant_of_the_weeks
from tests.laws.mortal import Fate, open_mortal
from tests.laws.oracle import disagreement
from tests.laws.worlds import HOST, NAMES, Plain

EVERY = timedelta(hours=6)
DOZE = 60.0
"""Seconds that go by where the loop would look again after ten: nothing happens in between."""

CALM_PASSES = 2


class Weeks(Bell):
    """
    The bell of this daemon, by which time goes on; and everybody around it.

    Asks after every pass what must hold by then.
    """

    def __init__(
        self,
        folder: Path,
        time: time_machine.Traveller,
        *,
        weeks: int,
        seed: int,
        settled: Callable[[], None] = lambda: None,
        every: timedelta = EVERY,
        full_sweep: timedelta = timedelta(0),
    ) -> None:
        super().__init__()
        self.time = time
        self.chance = Chance(seed)
        self.tenant = tenant_of_the_weeks()
        self.path = folder / "config.yaml"
        self.state = folder / "reconciler.db"
        self.began = _now()
        self.ends = self.began + timedelta(weeks=weeks)
        self.stop = threading.Event()
        self.stormy = False
        self.calm = 0
        self.checked = 0
        self.healed = 0
        self.every = every
        self.full_sweep = full_sweep
        self.calm_since = self.began
        self.reads = 0
        self.could_read = 0
        self.reasons: set[Reason] = set()
        self.passes: list[str] = []
        self._file = self.chance.file(self.began)
        self._write(self._file)
        self._watcher = Watcher(lambda: watched_files(self.path), self._changed)
        self._order = 0
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._beats = Delayed(Every(self.began, every), timedelta(minutes=5), seed)
        self._due: datetime | None = None
        self._ring_later()
        self.at(self.began, self._day)
        # By then everything has happened once: what grows from now on grows for ever.
        self.at(self.began + timedelta(weeks=2), settled)
        self.at(self.ends, self._end)

    # --- the daemon --------------------------------------------------------------------------

    def run(self) -> None:
        """Run the daemon until the weeks are over."""
        with open_store(str(self.state), tenant=HOST) as store:
            self.store = store
            post = post_for(observe=False, bell=self)
            shelf = TextShelf(Shelf(store), self.path)
            good = LastGood(Rereading(self.path, sandbox=False).source(), lambda _: shelf)
            site = open_mortal(good.in_force, self.tenant, store, Fate(), self, self.time, False)
            post.facing.open(site, good.problems)
            seat = LeaseKeeper(store, SEAT)
            try:
                with seat, Outbox() as outbox:
                    sitting = Timely(post, good, site, seat, Telling(site, outbox))
                    sitting.weeks = self
                    self._loop(sitting, post)
            finally:
                post.facing.close()
                site.close()

    def _loop(self, sitting: Sitting, post: Post) -> None:
        around = Surroundings(
            boundary=sitting._boundary,
            interval=lambda: self.every,
            heartbeat=post.heartbeat.beat,
        )
        clock = Clock(now=_now, monotonic=lambda: _now().timestamp())

        def one_pass(call: Call) -> Tally:
            return self._pass(sitting, call)

        jitter = self.chance.draw.random
        run_loop(one_pass, self, self.stop, around, clock=clock, jitter=jitter)

    def _pass(self, sitting: Sitting, call: Call) -> Tally:
        self.time.shift(1)  # no two passes begin in one instant
        self.reasons |= call.reasons
        try:
            return sitting._pass(call)
        except ReconcilerError:
            assert self.stormy, "it failed though all was well"
            raise
        finally:
            self._recorded()
            self.could_read += len(self._file["collections"])
            if call.may_write and not self.stormy:
                self.calm += 1
                self._agrees()

    # --- time --------------------------------------------------------------------------------

    def wait(self, seconds: float) -> bool:
        """Let time go on to whatever comes first, and let that happen."""
        pause = DOZE if seconds >= LONGEST_WAIT else seconds
        until = _now() + timedelta(seconds=max(pause, 0.001))
        happens = self._events[0][0]
        self.time.move_to(max(_now(), min(until, happens, self._due or until)), tick=False)
        while self._events and self._events[0][0] <= _now():
            heapq.heappop(self._events)[2]()
        if self._due is not None and self._due <= _now():
            self.ring(Reason.SCHEDULE)
            self._ring_later()
        return True

    def at(self, when: datetime, happens: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._events, (when, self._order, happens))

    def _ring_later(self) -> None:
        self._due = self._beats.get_next_fire_time(self._due, _now())

    def _end(self) -> None:
        self.stop.set()

    # --- everybody else ----------------------------------------------------------------------

    def sees(self, request: httpx.Request) -> None:
        """Count the lists of shares that are read; requests are the sandbox's to judge."""
        self.reads += request.method == "GET" and request.url.path.endswith("/permissions")

    def _day(self) -> None:
        """Settle what this day brings, and come again tomorrow."""
        draw, morning = self.chance.draw, _now()
        self._audited()
        day = (morning - self.began).days
        for _ in range(draw.randint(0, 3)):
            self.at(morning + timedelta(minutes=draw.randrange(1440)), self._hand)
        # A day of storm, and two to come to rest: the breaker may be open for one.
        if day % 4 == 1:
            self.at(morning + timedelta(hours=draw.randint(1, 6)), self._storm)
            self.at(morning + timedelta(hours=draw.randint(8, 14)), self._clear_up)
        if draw.random() < 0.4:
            self.at(morning + timedelta(minutes=draw.randrange(1440)), self._edit)
        if day % 5 == 2:
            self.at(morning + timedelta(hours=4), self._break)
            self.at(morning + timedelta(hours=9), self._edit)
        self.at(morning + timedelta(days=1), self._day)

    def _hand(self) -> None:
        draw = self.chance.draw
        ruled = [each.id for each in self.tenant.collections().values() if each.name in NAMES]
        who = ("user", draw.choice(PEOPLE))
        collection = draw.choice(ruled)
        if who in self.tenant.shares(collection):
            self.tenant.unshare(collection, who)
        else:
            self.tenant.share(collection, who, draw.choice(["view", "edit"]))
        self._stir()

    def _storm(self) -> None:
        self.stormy = True
        for each in self.chance.draw.sample(FAULTS, 3):
            self.tenant.faults.add(Fault(**each, probability=self.chance.draw.choice([0.1, 0.6])))

    def _clear_up(self) -> None:
        self.stormy = False
        self._stir()
        self.tenant.faults.clear()

    def _edit(self) -> None:
        self._file = self.chance.file(_now())
        self._write(self._file)
        self._look()

    def _break(self) -> None:
        whole = self.path.read_text(encoding="utf-8")
        self.path.write_text(whole.replace("authoritative", "authoritativ"), encoding="utf-8")
        self._look()

    def _write(self, file: Plain) -> None:
        sweeps = {"full_sweep": f"{int(self.full_sweep.total_seconds())}s"}
        schedule = sweeps if self.full_sweep else {}
        self.path.write_text(json.dumps({**file, "schedule": schedule}), encoding="utf-8")

    def _look(self) -> None:
        self._watcher.look()
        self._watcher.look()

    def _changed(self) -> None:
        self._stir()
        self.ring(Reason.FILE_CHANGE)

    def _stir(self) -> None:
        self.calm, self.calm_since = 0, _now()

    # --- what must hold ----------------------------------------------------------------------

    def _recorded(self) -> None:
        """The pass just over is on record, and it is another one than before."""
        record = History(self.store).passes(1)[0]
        assert record.verdict is not Verdict.RUNNING
        assert record.id not in self.passes[-1:]
        self.passes.append(record.id)

    def _agrees(self) -> None:
        if self.calm < CALM_PASSES or _now() - self.calm_since < self.full_sweep:
            return
        world = self.tenant.world
        for entry in self._file["collections"]:
            (found,) = [each for each in world.collections.values() if each.name == entry["name"]]
            told = disagreement(self._file, entry, found, world, _now())
            assert told is None, told
        assert self.tenant.shares(4799) == {("user", 103): "view"}
        self.checked += 1

    def _audited(self) -> None:
        """All that the API changed since yesterday was written down; then forget it."""
        written = self._written(since=_now() - timedelta(days=2))
        for entry in self.tenant.audit:
            if entry.stamp.via == "api" and entry.principal is not None:
                assert (entry.collection, *entry.principal) in written, entry
                self.healed += 1
        self.tenant._audit.clear()
        self.tenant._log.clear()

    def _written(self, *, since: datetime) -> set[tuple[int, str, int]]:
        """Whose share of which collection was changed, or may have been."""
        rows = schema.changes.c
        what = select(rows.collection_id, rows.principal_type, rows.principal_id)
        done = rows.outcome.in_([Result.APPLIED, Result.UNKNOWN])
        with self.store.read() as connection:
            return {
                (id, kind, who)
                for id, kind, who in connection.execute(what.where(rows.at >= since, done))
            }


class Timely(Sitting):
    """A sitting whose due times are those of the weeks, which no scheduler knows."""

    weeks: Weeks

    def _next_due(self) -> datetime | None:
        times = (self.weeks._due, self._boundary(_now()))
        return min((each for each in times if each is not None), default=None)


def _now() -> datetime:
    return datetime.now(UTC)
