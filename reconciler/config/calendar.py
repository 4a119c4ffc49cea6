"""Whole days in a time zone, as instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reconciler.core.declared import ALWAYS, Window


@dataclass(frozen=True, slots=True)
class Calendar:
    """The file's time zone and its terms: what turns dates into windows of time."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    terms: Mapping[str, Window] = field(default_factory=dict)

    def window(self, first: date | None, last: date | None) -> Window:
        """From the start of the first day to the end of the last; None is without end."""
        if first is None and last is None:
            return ALWAYS
        return Window(
            opens=self.start_of(first) if first else None,
            closes=self.end_of(last) if last else None,
        )

    def start_of(self, day: date) -> datetime:
        """
        The first instant of a day.

        Where the clocks skip midnight, or strike it twice, fold 0 gives the day's true beginning.
        """
        return self.instant(datetime.combine(day, time.min))

    def end_of(self, day: date) -> datetime:
        """The first instant that no longer belongs to the day."""
        return self.start_of(day + timedelta(days=1))

    def instant(self, moment: datetime) -> datetime:
        """A wall-clock time of this zone (or one that names its own offset), in UTC."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        return aware.astimezone(UTC)
