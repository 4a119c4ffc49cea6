"""One file of a worker: what is in force of it, and where the passes of its tenant are made."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import structlog

from reconciler.cli.carrying import Carrying
from reconciler.cli.passlog import tell_refused
from reconciler.cli.requestlog import RequestLog
from reconciler.cli.rereading import Rereading
from reconciler.cli.shelf import Beating, TextShelf
from reconciler.cli.site import Site
from reconciler.cli.workplace import Workplace
from reconciler.config.files import Loaded, Texts
from reconciler.daemon.goodfile import Changed, LastGood
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.watch import Watcher
from reconciler.daemon.watched import watched_files
from reconciler.daemon.worker import Again, Order
from reconciler.errors import ConfigError, Problem, StateError
from reconciler.state.history import History
from reconciler.state.queue import Urgency
from reconciler.state.shelf import open_shelf

log = structlog.get_logger()

IN_HAND = 10.0
"""Seconds until a job is tried again whose tenant this process has in hand already."""

RECENT = 50
"""How many passes on record are looked through for the last one that nobody watched."""


class _Nothing:
    """The shelf of a broken file while nobody knows yet where the state is."""

    def save(self, texts: Texts) -> None:
        raise StateError(f"{texts.path}: nobody knows where to keep it")

    def recall(self) -> None:
        return None


class Desk:
    """
    Reads one file, and makes the passes of its tenant when they are ordered.

    One thread looks at the file and reads it; orders come from others, one at a
    time. Whatever reads raises UsageError where the state is elsewhere than
    the jobs are, and StateError where it cannot be used.
    """

    def __init__(self, path: Path, work: Workplace) -> None:
        self.path = path
        self.problems: tuple[Problem, ...] = ()
        self._work = work
        self._good: LastGood[Texts, Loaded] | None = None
        self._is_new = False
        self._has_changed = True
        self._busy = threading.Lock()
        # Made before the file is read, so that no change is missed in between.
        self._watcher = Watcher(lambda: watched_files(path), self._change)

    @property
    def tenant(self) -> str | None:
        """Whose file it is; None while it never was any good."""
        return None if self._good is None else self._site(self._good).tenant

    def look(self) -> None:
        """Look at the file; read it again, and ask for a pass, where it has changed."""
        self._watcher.look()
        if self._has_changed:
            self.read()
        if self._is_new and self._good is not None:
            self._ask_where_new(self._good)

    def read(self) -> None:
        """Read the file, and go by it if it is good."""
        self._has_changed = False
        try:
            if self._good is None:
                self._open()
            elif isinstance(self._good.reload(), Changed):
                self._work.admit(self.path, self._site(self._good).state_place())
                self._is_new = True
        except ConfigError as error:
            self._tell(error)
        except StateError:
            self._has_changed = True
            raise

    def mend(self) -> None:
        """Try what is refused once more: what it rests on may be another by now."""
        if self._good is None:
            self._has_changed = True
        elif self._good.problems and isinstance(self._good.retry(), Changed):
            self._is_new = True

    def ask(self) -> None:
        """Read the file again, and ask for a pass now in any case."""
        self.read()
        if self._good is not None:
            self._is_new = False
            with closing(self._site(self._good)) as site:
                self._work.queue.want(site.store(), Urgency.NOW)

    def begin(self) -> None:
        """Ask for a pass where none waits or runs."""
        if self._good is not None:
            with closing(self._site(self._good)) as site:
                if self._work.queue.begin(site.store()):
                    log.info("a first pass is asked for", tenant=site.tenant)

    def carry(self, order: Order) -> None:
        """Make a pass, in the thread of a job. Raises Again."""
        good = self._good
        if good is None:
            return
        # The queue sees to it, but for a worker that it takes for lost and that is not.
        if not self._busy.acquire(blocking=False):
            raise Again(IN_HAND)
        site = self._site(good)
        try:
            with closing(site), structlog.contextvars.bound_contextvars(tenant=site.tenant):
                Carrying(self._work, site, good.problems, order).run()
        finally:
            self._busy.release()

    def close(self) -> None:
        """Go by this file no more."""
        self._good = None

    def _change(self) -> None:
        self._has_changed = True

    def _open(self) -> None:
        self._good = LastGood(Rereading(self.path, sandbox=False).source(), self._shelf)
        self.problems, self._is_new = (), True
        if self._good.in_force.settings.daemon.listen is not None:
            log.info("a worker shows no pages: daemon.listen is not opened", file=str(self.path))

    def _shelf(self, loaded: Loaded | None) -> TextShelf | _Nothing:
        """Where the last good texts are: with those of the others, while it cannot be read."""
        if loaded is not None:
            self._work.admit(self.path, loaded.settings.state)
        if not self._work.place:
            return _Nothing()
        opened = open_shelf(self._work.place, self.path, self._work.stores.open)
        return TextShelf(opened, self.path)

    def _tell(self, error: ConfigError) -> None:
        if error.problems == self.problems:
            return
        self.problems = error.problems
        tell_refused(error.problems)

    def _ask_where_new(self, good: LastGood[Texts, Loaded]) -> None:
        """Ask for a pass, unless the last one went by these files: another worker was quicker."""
        with closing(self._site(good)) as site:
            passes = History(site.store()).passes(RECENT)
            last = next((each for each in passes if each.kind == "run"), None)
            if last is not None and last.config_digest != good.in_force.digest:
                asked = self._work.queue.want(site.store(), Urgency.NOW)
                log.info("the files have changed", tenant=site.tenant, asked=asked)
        self._is_new = False

    def _site(self, good: LastGood[Texts, Loaded]) -> Site:
        return Site(
            good.in_force,
            sandbox=False,
            progress=Beating(Heartbeat()),
            stop=self._work.stopped,
            requests=RequestLog(),
            opens=self._work.stores.open,
        )
