"""
When passes are due: exact instants, and the chance delay of each.

APScheduler's own triggers are not asked directly, for three reasons. Its jitter
is added to the last run, so that delays add up; its interval begins with a
whole one after every change; and its cron counts a day as 24 hours, so that the
midnight after the clocks are set forward never comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from reconciler.config.settings import Schedule

# No zone sets its clocks by more than two hours when seasons change.
_CLOCK_CHANGE = timedelta(hours=3)
_INSTANT = timedelta(microseconds=1)


class Beats(Protocol):
    """A row of instants without end, or with one."""

    def after(self, moment: datetime) -> datetime | None:
        """The first one later than `moment`, in UTC."""
        ...


class Every:
    """So often, counted from one instant on: a late pass does not move those after it."""

    def __init__(self, anchor: datetime, every: timedelta) -> None:
        self._anchor = anchor.astimezone(UTC)
        self._every = every

    def after(self, moment: datetime) -> datetime:
        gone = (moment - self._anchor) // self._every
        return self._anchor + (gone + 1) * self._every


class Cron:
    """
    Five fields of cron, read off the clocks of a zone.

    A time those clocks show twice is due twice; one that they skip is due as
    much later as they skip.
    """

    def __init__(self, expression: str, zone: ZoneInfo) -> None:
        minute, hour, day, month, weekday = expression.split()
        # UTC stands for the clock on the wall: there every day has 24 hours.
        self._wall = CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC
        )
        self._zone = zone

    def after(self, moment: datetime) -> datetime | None:
        wall = moment.astimezone(self._zone).replace(tzinfo=UTC)
        first: datetime | None = None
        # While clocks change, the order on the wall is not that of time.
        enough = datetime.max.replace(tzinfo=UTC)
        for shown in self._shown_after(wall - _CLOCK_CHANGE):
            if shown > enough:
                break
            for due in self._instants(shown):
                if due > moment:
                    first = due if first is None else min(first, due)
                    enough = min(enough, shown + _CLOCK_CHANGE)
        return first

    def _shown_after(self, wall: datetime) -> Iterator[datetime]:
        shown = self._wall.get_next_fire_time(None, wall + _INSTANT)
        while shown is not None:
            yield shown
            shown = self._wall.get_next_fire_time(None, shown + _INSTANT)

    def _instants(self, shown: datetime) -> set[datetime]:
        early, late = (
            shown.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        # Of a time that the clocks skip, fold 1 is the earlier and no instant of it.
        return {early, late} if early <= late else {early}


def beats_of(schedule: Schedule, zone: ZoneInfo, anchor: datetime) -> Beats:
    """The due times of a schedule, without delays; an interval is counted from `anchor` on."""
    if schedule.cron is not None:
        return Cron(schedule.cron, zone)
    if schedule.every is not None:
        return Every(anchor, schedule.every)
    raise ValueError("a schedule without times: neither every nor cron is set")


class Delayed(BaseTrigger):  # type: ignore[misc]  # APScheduler comes without types
    """
    Beats that each come up to `jitter` late, but before the next one is due.

    The delay belongs to the beat, drawn from it and a number of this process:
    asked again it is the same, and no delay is added to another.
    """

    def __init__(self, beats: Beats, jitter: timedelta, seed: int) -> None:
        self._beats = beats
        self._jitter = jitter
        self._seed = seed

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Answer APScheduler: when, after the last time (or from now on) for the first."""
        beat = self._beats.after(previous_fire_time or now)
        return None if beat is None else beat + self._delay(beat)

    def _delay(self, beat: datetime) -> timedelta:
        following = self._beats.after(beat)
        room = self._jitter if following is None else min(self._jitter, following - beat)
        if not room:
            return timedelta(0)
        draw = Random(f"{self._seed} {beat.isoformat()}")  # noqa: S311 - spreads load, no secret
        return draw.randrange(room // _INSTANT) * _INSTANT
