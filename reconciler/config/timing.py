"""The `schedule` section: when passes begin, and until when they do not write."""

from __future__ import annotations

from datetime import timedelta

from reconciler.config.cron import Cron
from reconciler.config.dates import Duration, Moment, duration_text
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
    full_sweep = optional(
        Duration("full_sweep", timedelta(seconds=10), timedelta(days=366)),
        "How long a collection that agrees with the file may go unread by the daemon (6h); "
        "without it each pass reads them all. As long as `every` at least.",
    )


def _schedule(fields: Fields) -> Schedule:
    every, cron = fields[ScheduleKeys.every], fields[ScheduleKeys.cron]
    if fields.has(ScheduleKeys.every) and fields.has(ScheduleKeys.cron):
        raise fields.refuse(ScheduleKeys.cron, "cron and every exclude each other; keep one")
    if cron is None and every is None:
        every = DEFAULT.every
    full_sweep = fields[ScheduleKeys.full_sweep]
    is_known = fields[ScheduleKeys.every] is not None or not fields.has(ScheduleKeys.every)
    if every is not None and is_known and full_sweep is not None and full_sweep < every:
        told = f"full_sweep must be at least as long as every, which is {duration_text(every)}"
        raise fields.refuse(ScheduleKeys.full_sweep, told)
    return Schedule(
        every=every,
        cron=cron,
        jitter=fields[ScheduleKeys.jitter],
        pause_until=fields[ScheduleKeys.pause_until],
        full_sweep=full_sweep,
    )


SCHEDULE = Record(
    ScheduleKeys, _schedule, "schedule", constraints={"not": {"required": ["every", "cron"]}}
)
