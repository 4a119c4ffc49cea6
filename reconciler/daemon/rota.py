"""
When a tenant's next pass is due, alike for all workers that ask.

Its times are counted from one instant for all, moved by a part of the interval that its name
decides, so that many tenants are spread evenly over it. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from reconciler.config.settings import Schedule
from reconciler.core.declared import Declarations
from reconciler.daemon.beats import Delayed, beats_of
from reconciler.daemon.boundary import next_boundary
from reconciler.state.schema import EPOCH, MICROSECOND

LONGEST = timedelta(days=1)
"""At the latest so long after a pass another one is due, also where the schedule names no time."""


def next_pass(
    tenant: str,
    schedule: Schedule,
    zone: ZoneInfo,
    declarations: Declarations,
    *,
    began: datetime,
    due: datetime | None,
) -> datetime:
    """
    When the next pass is due after one that began at `began` and was itself due at `due`.

    Where the database's clock is ahead of ours a pass begins before it is due by
    our clock: it is not due twice for that. But a boundary that comes while a
    pass runs is seen by the next one alone.
    """
    seed = int.from_bytes(blake2b(tenant.encode(), digest_size=8).digest())
    times = Delayed(beats_of(schedule, zone, _anchor(schedule, seed)), schedule.jitter, seed)
    after = began if due is None else max(began, due)
    instants = (
        times.get_next_fire_time(None, after),
        next_boundary(declarations, schedule.pause_until, began),
        began + LONGEST,
    )
    return min(instant for instant in instants if instant is not None)


def _anchor(schedule: Schedule, seed: int) -> datetime:
    """From when on an interval is counted: the same for whoever asks, another for each tenant."""
    return EPOCH + seed % ((schedule.every or LONGEST) // MICROSECOND) * MICROSECOND
