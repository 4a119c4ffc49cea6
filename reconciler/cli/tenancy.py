"""
One tenant of a daemon that has many: a thread of its own, from its file to its passes.

Nothing that it waits for, and nothing that it breaks by, is anybody else's: a
broken file, a slow service, a bug.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from datetime import timedelta
from enum import Enum
from pathlib import Path

import structlog

from reconciler.cli.absence import Absence
from reconciler.cli.facing import Facing
from reconciler.cli.house import House
from reconciler.cli.passlog import tell_refused
from reconciler.cli.seating import Invitation
from reconciler.cli.shelf import Beating, files_in_force
from reconciler.cli.site import Site
from reconciler.cli.sitting import Post, Sitting
from reconciler.cli.telling import Telling
from reconciler.config.files import Loaded, Texts
from reconciler.daemon.bell import ASKED_BY_A_PERSON, Bell, Reason
from reconciler.daemon.goodfile import Changed, LastGood
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.loop import LONGEST_WAIT
from reconciler.daemon.outbox import Outbox
from reconciler.daemon.supervisor import Supervisor
from reconciler.errors import Busy, ConfigError, Problem, ReconcilerError, StateError
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.latest import Latest
from reconciler.state.lease import SEAT

log = structlog.get_logger()

NO_STATE = 5.0
"""Seconds until a state that cannot be used is tried again."""

MENDING = 60.0
"""Seconds until a file that is not valid is tried again although nobody has changed it."""

AT_ONCE = timedelta(0)


class Standing(Enum):
    """How far a tenancy has come."""

    STARTING = "starting"
    BROKEN = "with a file that is not valid"
    WAITING = "waiting for their seat"
    SITTING = "served here"
    ENDED = "to be started anew"


class Tenancy:
    """Reads one file, waits to be invited to its tenant's seat, sits; and begins anew."""

    def __init__(self, path: Path, house: House) -> None:
        self.path = path
        self.standing = Standing.STARTING
        self.problems: tuple[Problem, ...] = ()
        self._house = house
        self._invitation: Invitation | None = None
        self._absence = Absence("waiting: no state")
        bell, heartbeat = Bell(), Heartbeat()
        self._post = Post(
            facing=Facing(heartbeat, bell, observe=house.observe, servers=house.servers),
            observe=house.observe,
            bell=bell,
            heartbeat=heartbeat,
            systemd=Supervisor(None),
            clockwork=house.clockwork,
            turnstile=house.turnstile,
        )
        self._thread = threading.Thread(target=self._run, name=f"tenant {path.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests in hand, record them, and end."""
        self._post.stop()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def ring(self, reason: Reason) -> None:
        """Ask for a pass; where it waits or is broken, for another look at the file."""
        self._post.bell.ring(reason)

    # --- as a guest of its seating -----------------------------------------------------------

    @property
    def is_sitting(self) -> bool:
        return self.standing is Standing.SITTING

    @property
    def failures(self) -> int:
        return self._post.failures

    def invite(self, invitation: Invitation) -> None:
        self._invitation = invitation
        self._post.bell.wake()

    def let_go(self) -> None:
        # Asked again at each look while a pass is in hand, and told once.
        if not self._post.left.is_set():
            log.info("another daemon is to have this tenant", file=str(self.path))
        self._post.leave()

    def sits_elsewhere(self, holder: str | None) -> None:
        self._absence.ends()
        self._post.facing.stands_by(holder)

    @property
    def asks_the_record(self) -> bool:
        return not self.is_sitting and self._post.facing.is_open

    def recalls(self, latest: Latest | None) -> None:
        self._post.facing.recalls(latest)

    # --- in a thread of its own --------------------------------------------------------------

    def _run(self) -> None:
        structlog.contextvars.bind_contextvars(file=str(self.path))
        try:
            with closing(self._post.facing):
                while not self._post.stopped.is_set():
                    self._live()
        except Exception:
            # Told as loudly as can be; whoever started this thread starts another one.
            log.exception("a bug ended this tenant's daemon; it is started anew")
        finally:
            self._house.servers.mended(self.path)
            self.standing = Standing.ENDED

    def _live(self) -> None:
        """From reading the files until they have to be found anew."""
        files = files_in_force(self.path, sandbox=False, opens=self._house.stores.open)
        try:
            with ExitStack() as stack:
                with self._post.at_work():
                    good = stack.enter_context(files)
                while not self._post.stopped.is_set():
                    self._stand_by(good)
        except ConfigError as error:
            self._wait_for_mending(error)
        except StateError as error:
            self._absence.begins(error)
            self._post.stopped.wait(NO_STATE)

    def _wait_for_mending(self, error: ConfigError) -> None:
        """Wait until the file is another; what it rests on, a signature or a twin, may be too."""
        self.standing = Standing.BROKEN
        if error.problems != self.problems:
            self.problems = error.problems
            self._house.servers.broken(self.path, error.problems)
            tell_refused(error.problems)
        self._post.bell.wait(MENDING)
        self._post.bell.answer()

    def _stand_by(self, good: LastGood[Texts, Loaded]) -> None:
        """Wait for the seat under the files in force, and sit until it is left."""
        self._invitation = None
        site = Site(
            good.in_force,
            sandbox=False,
            progress=Beating(self._post.heartbeat),
            stop=self._post.stopped,
            opens=self._house.stores.open,
        )
        with (
            closing(site),
            structlog.contextvars.bound_contextvars(tenant=site.tenant),
            self._house.seating(site.state_place()).guest(site.tenant, self),
        ):
            self._mended()
            self._show(site, good)
            if (invitation := self._invited(site, good)) is not None:
                self._sit(site, good, invitation)

    def _mended(self) -> None:
        self.problems, self.standing = (), Standing.WAITING
        self._house.servers.mended(self.path)

    def _show(self, site: Site, good: LastGood[Texts, Loaded]) -> None:
        """Show the pages, if that can be. Passes do not wait for them."""
        try:
            self._post.facing.open(site, good.problems)
        except ReconcilerError as error:
            log.warning("the pages are off", error=error.message, remedy=error.remedy)

    def _invited(self, site: Site, good: LastGood[Texts, Loaded]) -> Invitation | None:
        """Wait to be invited. None where other files are in force now, or where it is to end."""
        while not self._post.stopped.is_set():
            self._post.heartbeat.beat()
            if self._post.bell.answer() & ASKED_BY_A_PERSON:
                if isinstance(good.reload(), Changed):
                    return None
                self._show(site, good)
            if self._invitation is not None:
                return self._invitation
            # Asked once more: a stop may have rung just before the bell was answered.
            if not self._post.stopped.is_set():
                self._post.bell.wait(LONGEST_WAIT)
        return None

    def _sit(self, site: Site, good: LastGood[Texts, Loaded], invitation: Invitation) -> None:
        seat = LeaseKeeper(
            site.store(), SEAT, holder=self._house.me, patience=AT_ONCE, watch=invitation.seat
        )
        self._post.arrive()
        try:
            with seat, Outbox() as outbox:
                self.standing = Standing.SITTING
                self._absence.ends()
                told = Telling(site, outbox)
                Sitting(self._post, good, site, seat, told, writing=invitation.writing).run()
        except Busy as error:
            log.debug("somebody else was quicker", holder=error.message)
        finally:
            self.standing = Standing.WAITING
            self._post.facing.stands_by(None)
