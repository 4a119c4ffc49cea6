"""The timetable: APScheduler rings when a pass is due, and does nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from secrets import randbits
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from reconciler.config.settings import Schedule

if TYPE_CHECKING:
    from reconciler.daemon.beats import Delayed


class Clockwork:
    """One scheduler and its thread, for all the timetables of a process."""

    def __init__(self) -> None:
        self.scheduler = _scheduler()

    def __enter__(self) -> Self:
        self.scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.scheduler.shutdown()


class Timetable:
    """
    Rings at the due times of a schedule while it is entered as a context.

    The first ring of `every` comes after a whole interval: what runs at the
    start is the loop's business. Without a clockwork that runs already it has
    one of its own.
    """

    def __init__(
        self,
        ring: Callable[[], None],
        schedule: Schedule,
        zone: ZoneInfo,
        clockwork: Clockwork | None = None,
    ) -> None:
        self._ring = ring
        self._seed = randbits(64)
        self._schedule, self._zone = schedule, zone
        self._trigger = self._trigger_for(schedule, zone)
        self._clockwork = clockwork
        self._scheduler: Any = None
        self._job: Any = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        clockwork = self._clockwork or self._stack.enter_context(Clockwork())
        self._scheduler = clockwork.scheduler
        self._job = self._scheduler.add_job(self._ring, self._trigger)
        return self

    def __exit__(self, *_: object) -> None:
        from apscheduler.jobstores.base import JobLookupError  # noqa: PLC0415 - see _scheduler

        job, self._job = self._job, None
        with self._stack, suppress(JobLookupError):  # one that never rings again is gone already
            job.remove()

    @property
    def next_due(self) -> datetime | None:
        """When it rings next, in UTC, its delay included; None before the start or never again."""
        due: datetime | None = getattr(self._job, "next_run_time", None)
        return due and due.astimezone(UTC)

    def reschedule(self, schedule: Schedule, zone: ZoneInfo) -> None:
        """Go by these times from now on. The same times again change nothing."""
        if _times(schedule, zone) == _times(self._schedule, self._zone):
            return
        self._schedule, self._zone = schedule, zone
        self._trigger = self._trigger_for(schedule, zone)
        if self._job is not None:
            self._job.reschedule(self._trigger)

    def recheck(self) -> None:
        """
        See to it that clocks which were set, and machines that slept, cost no pass.

        APScheduler sleeps by a clock that may stand still meanwhile, and never
        looks whether a due time is now much too far away.
        """
        if self._job is None:
            return
        due = self.next_due
        first = self._trigger.get_next_fire_time(None, datetime.now(UTC))
        if due is not None and first is not None and first < due:
            self._job.modify(next_run_time=first)
        self._scheduler.wakeup()

    def _trigger_for(self, schedule: Schedule, zone: ZoneInfo) -> Delayed:
        from reconciler.daemon.beats import Delayed, beats_of  # noqa: PLC0415 - see _scheduler

        beats = beats_of(schedule, zone, datetime.now(UTC))
        return Delayed(beats, schedule.jitter, self._seed)


def _times(schedule: Schedule, zone: ZoneInfo) -> tuple[object, ...]:
    # The zone says nothing about an interval.
    return (
        schedule.every,
        schedule.cron,
        schedule.jitter,
        schedule.cron is not None and zone.key,
    )


def _scheduler() -> Any:  # noqa: ANN401 - APScheduler comes without types
    # Imported only here: 0.1 s that only the daemon needs to pay.
    from apscheduler.executors.debug import DebugExecutor  # noqa: PLC0415
    from apscheduler.jobstores.memory import MemoryJobStore  # noqa: PLC0415
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

    # It tells of each ring, several times; the loop tells what came of it.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    return BackgroundScheduler(
        timezone=UTC,
        jobstores={"default": MemoryJobStore()},
        # Runs the job in the scheduler's own thread: ringing takes no time.
        executors={"default": DebugExecutor()},
        # A due time that was missed is late, not void; many that were missed are one.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
