"""The `schedule` section: when passes begin, and until when they do not write."""

from __future__ import annotations

from datetime import timedelta

from reconciler.config.cron import Cron
from reconciler.config.dates import Duration, Moment
from reconciler.config.records import Fields, Keys, Record, optional
from reconciler.config.settings import Schedule

DEFAULT = Schedule()


class ScheduleKeys(Keys):
    """`schedule`."""

    every = optional(
        Duration("every", timedelta(seconds=10), timedelta(days=366)),
        "How often a pass begins (15m); 10s at least.",
    )
    cron = optional(
        Cron("cron"), "Five fields of cron instead of `every`, in `timezone`: */15 7-19 * * mon-fri"
    )
    jitter = optional(
        Duration("jitter", timedelta(0), timedelta(days=1)),
        "A random delay of up to this, so that not all daemons ring at once (30s).",
        DEFAULT.jitter,
    )
    pause_until = optional(
        Moment("pause_until"),
        "Until then, in `timezone`, passes plan and write nothing: 2026-12-01T08:00",
    )


def _schedule(fields: Fields) -> Schedule:
    every, cron = fields[ScheduleKeys.every], fields[ScheduleKeys.cron]
    if fields.has(ScheduleKeys.every) and fields.has(ScheduleKeys.cron):
        raise fields.refuse(ScheduleKeys.cron, "cron and every exclude each other; keep one")
    if cron is None and every is None:
        every = DEFAULT.every
    return Schedule(
        every=every,
        cron=cron,
        jitter=fields[ScheduleKeys.jitter],
        pause_until=fields[ScheduleKeys.pause_until],
    )


SCHEDULE = Record(
    ScheduleKeys, _schedule, "schedule", constraints={"not": {"required": ["every", "cron"]}}
)
