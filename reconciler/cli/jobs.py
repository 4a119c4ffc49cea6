"""
A worker of many tenants: their passes are jobs of a queue, and any worker takes them.

The main thread only looks: which files there are, whether they have changed,
whether each tenant has a job, and whether a worker is lost. Jobs are taken
and carried in other threads.
"""

from __future__ import annotations

import math
import time
from contextlib import closing
from pathlib import Path

import structlog

from reconciler.cli import logs
from reconciler.cli.absence import Absence
from reconciler.cli.desk import Desk
from reconciler.cli.options import Shared
from reconciler.cli.places import Places
from reconciler.cli.workplace import Workplace
from reconciler.daemon import supervisor
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.outbox import Outbox
from reconciler.daemon.signals import signals
from reconciler.daemon.watch import EVERY
from reconciler.daemon.worker import Order, Worker
from reconciler.errors import ConfigError, StateError, UsageError

log = structlog.get_logger()

LOST = 5.0
"""Seconds between two looks for jobs of workers that are lost."""

MENDING = 60.0
"""Seconds between two looks for tenants without a job, and at files that were refused."""


def serve_jobs(shared: Shared, *, observe: bool, at_once: int) -> int:
    """
    Carry passes as jobs until told to stop.

    Raises UsageError where no file is there, or one keeps its state elsewhere;
    ConfigError where none was ever good; StateError where there is no state.
    """
    shared.paths()
    logs.configure(shared.log_format, shared.verbosity)
    with Outbox() as outbox:
        work = Workplace(observe=observe, outbox=outbox)
        with closing(work.stores):
            shift = Shift(Places(shared.places()), work, at_once)
            with signals(stop=lambda _signal: shift.stop(), reload=shift.reload):
                shift.run()
    return 0


class Shift:
    """Keeps a desk for each file, and a worker that takes the jobs of their tenants."""

    def __init__(self, places: Places, work: Workplace, at_once: int) -> None:
        self._places = places
        self._work = work
        self._at_once = at_once
        self._worker: Worker | None = None
        self._desks: dict[Path, Desk] = {}
        self._serving: dict[str, Desk] = {}
        self._twins: set[Path] = set()
        self._is_asked = False
        self._absence = Absence("waiting: no state")
        self._lost_at = self._mended_at = -math.inf

    def stop(self) -> None:
        """Take no more jobs, finish the requests in hand, record them, and end."""
        if self._worker is not None:
            self._worker.stop()
        self._work.stopped.set()

    def reload(self) -> None:
        """Read all files again and ask for a pass of each now."""
        self._is_asked = True

    def run(self) -> None:
        """Work until told to stop."""
        systemd, heartbeat = supervisor.from_environment(), Heartbeat()
        with systemd.watching(heartbeat):
            systemd.ready("starting")
            worker = self._open()
            try:
                while not self._work.stopped.is_set():
                    heartbeat.beat()
                    worker.check()
                    self._look(worker)
                    systemd.status(f"{len(self._serving)} tenants are served here")
                    self._work.stopped.wait(EVERY)
            finally:
                systemd.stopping("told to stop")
                self.stop()
                worker.join()
        log.info("stopped")

    def _open(self) -> Worker:
        """Read the files, see to the queue, and begin to take jobs."""
        self._come_and_go()
        for desk in self._desks.values():
            desk.read()
        for desk in self._desks.values():
            # Once more, now that it is known where the last good ones are kept.
            if desk.tenant is None:
                desk.read()
        if all(desk.tenant is None for desk in self._desks.values()):
            raise ConfigError(each for desk in self._desks.values() for each in desk.problems)
        self._work.queue.prepare(self._work.store())
        worker = self._worker = Worker(self._work.place, self._carry, at_once=self._at_once)
        worker.start()
        return worker

    def _look(self, worker: Worker) -> None:
        """Look at everything. Without a state all of it waits until there is one again."""
        try:
            self._come_and_go()
            self._look_at_files()
            self._serve(worker)
            self._look_at_jobs(worker)
        except StateError as error:
            self._absence.begins(error)
        else:
            self._absence.ends()

    def _come_and_go(self) -> None:
        come, gone = self._places.look()
        for path in come:
            self._desks[path] = Desk(path, self._work)
        for path in gone:
            self._desks.pop(path).close()

    def _look_at_files(self) -> None:
        is_asked, self._is_asked = self._is_asked, False
        for desk in self._desks.values():
            try:
                desk.ask() if is_asked else desk.look()
            except UsageError as error:
                log.warning("nothing is done for this file", error=error.message)
                desk.close()

    def _serve(self, worker: Worker) -> None:
        """Take the jobs of those whose files are good; of two files of one tenant, the first's."""
        serving: dict[str, Desk] = {}
        twins = set()
        for path, desk in sorted(self._desks.items()):
            if desk.tenant is not None and serving.setdefault(desk.tenant, desk) is not desk:
                twins.add(path)
                if path not in self._twins:
                    other = serving[desk.tenant].path
                    log.error("another file has this tenant", file=str(path), other=str(other))
        self._serving, self._twins = serving, twins
        worker.serve(serving)

    def _look_at_jobs(self, worker: Worker) -> None:
        """Give the jobs of lost workers to others; begin tenants that have none."""
        if time.monotonic() - self._lost_at >= LOST:
            store = self._work.store()
            self._work.writers.look(store)
            hands = worker.hands
            if lost := self._work.queue.put_back(store, me=hands.me, running=hands.full()):
                log.warning("jobs of a lost worker are put back", jobs=lost)
            self._lost_at = time.monotonic()
        if time.monotonic() - self._mended_at >= MENDING:
            for desk in self._desks.values():
                desk.mend()
            for tenant in self._work.queue.idle(self._work.store(), self._serving):
                self._serving[tenant].begin()
            self._mended_at = time.monotonic()

    def _carry(self, order: Order) -> None:
        desk = self._serving.get(order.tenant)
        if desk is None:
            log.info("no file here names this tenant any more", tenant=order.tenant)
        else:
            desk.carry(order)
