"""
The daemon of many tenants: a folder of files, or several, each with a tenancy of its own.

The main thread only looks: which files there are, whether they have changed, and
whether a tenancy has to be started anew. All else is the tenancies' own.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from reconciler.cli import logs
from reconciler.cli.house import House
from reconciler.cli.options import Shared, refuse_sandbox
from reconciler.cli.places import Places
from reconciler.cli.tenancy import Standing, Tenancy
from reconciler.daemon import supervisor
from reconciler.daemon.bell import Reason
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.openfiles import ask_for_many
from reconciler.daemon.signals import signals
from reconciler.daemon.watch import EVERY, Watcher
from reconciler.daemon.watched import watched_files
from reconciler.errors import ConfigError
from reconciler.state.holder import Holder

log = structlog.get_logger()

ANEW = 60.0
"""Seconds until a tenancy that a bug ended is started again."""


@dataclass(slots=True)
class _Place:
    """One file: its tenancy, who watches it, and since when it has ended."""

    tenancy: Tenancy
    watcher: Watcher
    ended_at: float | None = None


def serve_many(shared: Shared, *, observe: bool) -> int:
    """
    Run the daemon of many tenants until it is told to stop.

    Raises ConfigError where no file is there, or none was ever good.
    """
    refuse_sandbox(shared)
    shared.paths()
    logs.configure(shared.log_format, shared.verbosity)
    ask_for_many()
    fleet = Fleet(shared.places(), observe=observe)
    with signals(stop=lambda _signal: fleet.stop(), reload=fleet.reload):
        fleet.run()
    return 0


class Fleet:
    """Starts a tenancy for each file, and ends those whose file is gone."""

    def __init__(self, places: Sequence[Path], *, observe: bool, me: Holder | None = None) -> None:
        self._places = Places(places)
        self._house = House(observe=observe, me=me or Holder.this_process(), report=self._report)
        self._files: dict[Path, _Place] = {}
        self._leaving: list[Tenancy] = []
        self._stopped = threading.Event()
        self._has_served = False
        self._bug: BaseException | None = None

    def stop(self) -> None:
        """Finish the requests in hand everywhere, record them, and end."""
        self._stopped.set()

    def reload(self) -> None:
        """Read all files again and start a pass of each now."""
        for each in list(self._files.values()):
            each.tenancy.ring(Reason.RELOAD)

    def run(self) -> None:
        """Serve until told to stop. Raises ConfigError where from the start no file is good."""
        systemd, heartbeat = supervisor.from_environment(), Heartbeat()
        with self._house, systemd.watching(heartbeat):
            systemd.ready("starting")
            try:
                while not self._stopped.is_set():
                    heartbeat.beat()
                    self._look()
                    self._despair_of_files()
                    systemd.status(self._tally())
                    self._stopped.wait(EVERY)
            finally:
                systemd.stopping("told to stop")
                self._dismiss(list(self._files))
                for each in self._leaving:
                    each.join()
        if self._bug is not None:
            raise self._bug
        log.info("stopped")

    def _report(self, bug: BaseException) -> None:
        """End the daemon for a bug of what its tenants share: it must not go on unseen."""
        self._bug = bug
        self.stop()

    def _look(self) -> None:
        come, gone = self._places.look()
        for path in come:
            self._begin(path)
        self._dismiss(gone)
        self._see_off()
        for path, place in self._files.items():
            place.watcher.look()
            self._restart_ended(path, place)
        self._house.servers.tend()

    def _begin(self, path: Path) -> None:
        tenancy = Tenancy(path, self._house)
        watcher = Watcher(lambda: watched_files(path), lambda: tenancy.ring(Reason.FILE_CHANGE))
        self._files[path] = _Place(tenancy, watcher)
        tenancy.start()

    def _restart_ended(self, path: Path, place: _Place) -> None:
        if place.tenancy.standing is not Standing.ENDED:
            return
        if place.ended_at is None:
            place.ended_at = time.monotonic()
        elif time.monotonic() - place.ended_at >= ANEW:
            self._begin(path)

    def _despair_of_files(self) -> None:
        """Raise ConfigError where there is nothing that this could be the daemon of."""
        standings = {each.tenancy.standing for each in self._files.values()}
        self._has_served |= bool(standings - {Standing.STARTING, Standing.BROKEN})
        if not self._has_served and standings == {Standing.BROKEN}:
            places = self._files.values()
            raise ConfigError(problem for each in places for problem in each.tenancy.problems)

    def _tally(self) -> str:
        standings = Counter(each.tenancy.standing for each in self._files.values())
        told = ", ".join(f"{standings[each]} {each.value}" for each in Standing if standings[each])
        return f"{len(self._files)} tenants: {told}"

    def _dismiss(self, paths: Collection[Path]) -> None:
        """Let these end, each after the requests it has in hand; nobody waits for them here."""
        for path in paths:
            tenancy = self._files.pop(path).tenancy
            tenancy.stop()
            self._leaving.append(tenancy)

    def _see_off(self) -> None:
        """Forget those that have ended; a file that named the same tenant may be good now."""
        staying = [each for each in self._leaving if each.standing is not Standing.ENDED]
        if len(staying) == len(self._leaving):
            return
        self._leaving = staying
        for place in self._files.values():
            if place.tenancy.standing is Standing.BROKEN:
                place.tenancy.ring(Reason.FILE_CHANGE)
