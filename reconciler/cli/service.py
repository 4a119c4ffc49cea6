"""The daemon, wired: files in force, seat, bell, passes."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from reconciler.cli import logs
from reconciler.cli.facing import Facing
from reconciler.cli.options import Shared
from reconciler.cli.shelf import Beating, files_in_force
from reconciler.cli.site import Site
from reconciler.cli.sitting import Post, Sitting
from reconciler.cli.telling import Telling
from reconciler.config.files import Loaded, Texts
from reconciler.daemon import supervisor
from reconciler.daemon.bell import Bell
from reconciler.daemon.goodfile import LastGood
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.outbox import Outbox
from reconciler.daemon.signals import signals
from reconciler.daemon.watch import watching
from reconciler.daemon.watched import watched_files
from reconciler.errors import Busy, ConfigError, ReconcilerError, StateError
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import SEAT, Held, holder_of

log = structlog.get_logger()

STANDING_BY = timedelta(seconds=100)
"""How long one look at another daemon's seat lasts: longer than a dead one keeps it."""

NO_STATE = timedelta(seconds=5)
"""How long until a state that cannot be used is tried again."""


def serve(shared: Shared, *, observe: bool) -> int:
    """Run the daemon until it is told to stop. Raises ConfigError where no file was ever good."""
    logs.configure(shared.log_format, shared.verbosity)
    post = post_for(observe=observe)
    with signals(stop=lambda _signal: post.stop(), reload=post.reload):
        Service(shared.path(), shared.sandbox, post).run()
    return 0


def post_for(*, observe: bool, bell: Bell | None = None) -> Post:
    """The post of a daemon with one tenant: the process is its own, and so are the pages."""
    bell, heartbeat = bell or Bell(), Heartbeat()
    return Post(
        facing=Facing(heartbeat, bell, observe=observe),
        observe=observe,
        bell=bell,
        heartbeat=heartbeat,
        systemd=supervisor.from_environment(),
    )


@dataclass(slots=True)
class Service:
    """One tenant's daemon: it holds the seat while it lives, and runs the passes."""

    path: Path
    sandbox: bool
    post: Post

    def run(self) -> None:
        """Stand by for the seat, run the loop, and again if the seat was lost or is another."""
        # The watcher begins before the files are read, so that no change is missed in between.
        with ExitStack() as stack:
            stack.enter_context(watching(lambda: watched_files(self.path), self.post.bell))
            good = stack.enter_context(files_in_force(self.path, sandbox=self.sandbox))
            stack.enter_context(self.post.systemd.watching(self.post.heartbeat))
            stack.enter_context(closing(self.post.facing))
            self.post.systemd.ready("starting")
            while not self.post.stopped.is_set():
                self.post.arrive()
                try:
                    self._hold_seat(good)
                except StateError as error:
                    self._without_state(error)
            self.post.systemd.stopping("told to stop")
        log.info("stopped")

    def _hold_seat(self, good: LastGood[Texts, Loaded]) -> None:
        progress = Beating(self.post.heartbeat)
        site = Site(good.in_force, self.sandbox, progress, self.post.stopped)
        with closing(site):
            self.post.heartbeat.beat()
            self._open_pages(site, good)
            seat = LeaseKeeper(
                site.store(),
                SEAT,
                patience=STANDING_BY,
                waiting=self._stand_by,
                stop=self.post.stopped,
            )
            try:
                with seat, Outbox() as outbox:
                    self.post.facing.open(site, good.problems)
                    Sitting(self.post, good, site, seat, Telling(site, outbox)).run()
            except Busy as error:
                if not self.post.stopped.is_set():
                    log.debug("still standing by", holder=error.message)

    def _without_state(self, error: StateError) -> None:
        """Wait a little. It was there at the start: its server is away, and will be back."""
        log.error("standing by: no state", error=error.message, remedy=error.remedy)
        self.post.systemd.status("standing by: the state cannot be used")
        self.post.heartbeat.beat()
        self.post.stopped.wait(NO_STATE.total_seconds())

    def _open_pages(self, site: Site, good: LastGood[Texts, Loaded]) -> None:
        """Show the pages. While another daemon sits, it may have the address too: tried again."""
        try:
            self.post.facing.open(site, good.problems)
        except ConfigError:
            raise
        except ReconcilerError as error:
            if not isinstance(holder_of(site.store(), SEAT), Held):
                raise
            log.warning("no pages while standing by", error=error.message)

    def _stand_by(self, holder: str, since: datetime) -> None:
        log.info("standing by: another daemon has the seat", holder=holder, since=since.isoformat())
        self.post.systemd.status(f"standing by for {holder}")
        self.post.facing.stands_by(holder)
