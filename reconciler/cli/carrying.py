"""One pass as a job: what it takes over, how it is made, what comes of it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from reconciler.cli.conduct import Conducted, conduct, unattended
from reconciler.cli.handover import Handover, hand_on, take_over
from reconciler.cli.passlog import tally, tell_pass
from reconciler.cli.site import Site, now
from reconciler.cli.tasks import task_for
from reconciler.cli.telling import Telling
from reconciler.cli.workplace import Workplace
from reconciler.daemon.backoff import wait_after
from reconciler.daemon.bell import Reason
from reconciler.daemon.breaker import Breaker, tell_turn
from reconciler.daemon.rota import next_pass
from reconciler.daemon.worker import Again, Order
from reconciler.errors import Busy, Problem, ReconcilerError, StateError, Stopped
from reconciler.state.queue import Urgency

log = structlog.get_logger()

AT_ONCE = 0.0


@dataclass(slots=True)
class Carrying:
    """
    One order, carried out at a tenant's site.

    `problems` are those of the files on disk, where these are not in force.
    """

    work: Workplace
    site: Site
    problems: Sequence[Problem]
    order: Order

    def run(self) -> None:
        """Make the pass and see to the next one. Raises Again where it has to be tried anew."""
        try:
            self._run(now())
        except Busy as error:
            if not self.site.stop.is_set():
                log.info("somebody else is writing; tried again", error=error.message)
            raise Again(self._wait()) from None
        except Stopped as error:
            log.info("pass stopped", reason=error.message)
            raise Again(AT_ONCE) from None
        except StateError as error:
            self._tell_failure(error)
            raise Again(self._wait()) from None

    def _run(self, began: datetime) -> None:
        store = self.site.store()
        taken = self._taken(take_over(store))
        telling = Telling(self.site, self.work.outbox, taken.told)
        try:
            breaker = self._pass(taken.breaker, telling)
        except (StateError, Stopped):
            # Without the lease or the journal nothing was sent: no sign that writing does harm.
            raise
        except ReconcilerError as error:
            may_write = taken.breaker.may_write(time.time())
            telling.failed(error, self.problems, may_write=may_write)
            breaker = _turned(taken.breaker, taken.breaker.failed(time.time()))
            hand_on(store, Handover(breaker, telling.told))
            self._tell_failure(error)
            raise Again(self._wait()) from None
        hand_on(store, Handover(breaker, telling.told))
        self.work.queue.want(store, Urgency.DUE, self._next(began))

    def _pass(self, breaker: Breaker, telling: Telling) -> Breaker:
        """Make the pass; how the breaker is after it."""
        site, allowed = self.site, breaker.may_write(time.time())
        may_write = allowed and not self.work.observe and not site.is_paused()
        orders = unattended(site, partial(task_for, site), may_write=may_write)
        conducted = conduct(site, orders, self.work.writers.of(site.tenant))
        self._tell(conducted, may_write=may_write)
        if conducted.stopped:
            raise Again(AT_ONCE)
        telling.passed(conducted, self.problems, may_write=allowed)
        return _turned(breaker, breaker.ended(tally(conducted), time.time()))

    def _taken(self, handover: Handover) -> Handover:
        """What the pass before handed on; where a person asks for this one, writing is allowed."""
        if self.order.urgency is Urgency.NOW and not self.order.failures:
            return replace(handover, breaker=_turned(handover.breaker, Breaker()))
        return handover

    def _tell(self, conducted: Conducted, *, may_write: bool) -> None:
        if self.problems:
            told = [str(each) for each in self.problems]
            log.error("the files on disk are still not valid", problems=told)
        tell_pass(conducted, self._reasons(), may_write=may_write)

    def _reasons(self) -> frozenset[Reason]:
        asked = {Urgency.DUE: Reason.SCHEDULE, Urgency.NOW: Reason.RELOAD}[self.order.urgency]
        return frozenset({asked, Reason.RETRY} if self.order.failures else {asked})

    def _tell_failure(self, error: ReconcilerError) -> None:
        failures = self.order.failures + 1
        log.warning("pass failed", error=error.message, remedy=error.remedy, failures=failures)

    def _wait(self) -> float:
        """Seconds until the next try; none where it is only this process that ends."""
        if self.site.stop.is_set():
            return AT_ONCE
        interval = self.site.loaded.settings.schedule.every
        return wait_after(self.order.failures + 1, interval=interval, jitter=random.random())  # noqa: S311

    def _next(self, began: datetime) -> datetime:
        loaded = self.site.loaded
        return next_pass(
            self.site.tenant,
            loaded.settings.schedule,
            loaded.settings.timezone,
            loaded.declarations,
            began=began,
            due=self.order.due,
        )


def _turned(before: Breaker, after: Breaker) -> Breaker:
    """The breaker from now on, told where it is another."""
    tell_turn(before, after, time.time())
    return after
