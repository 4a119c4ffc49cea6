"""Dates, moments, durations and time zones, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from reconciler.config.nodes import Node
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.scalars import scalar
from reconciler.config.suggest import closest, shown

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[-+]\d{2}:\d{2})?", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,9})(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# Instants of these years exist in every zone, with a day to spare.
_YEARS = range(1970, 9999)


@dataclass(frozen=True, slots=True)
class Date:
    """A whole day, `2026-12-18`."""

    noun: str

    def read(self, node: Node, reading: Reading) -> date:
        text = scalar(node, self.noun, reading).text
        if not _DATE.fullmatch(text):
            message = f"{self.noun} must be a date such as 2026-12-18, not {shown(text)}"
            raise reading.refuse(node.location, message)
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise reading.refuse(node.location, f"there is no day {text}") from None
        if day.year not in _YEARS:
            raise reading.refuse(node.location, f"{self.noun} must be in 1970 to 9998, not {text}")
        return day

    def schema(self) -> JsonSchema:
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of a day, `2026-12-01T08:00`, in the file's zone unless it names an offset."""

    noun: str

    def read(self, node: Node, reading: Reading) -> datetime:
        text = scalar(node, self.noun, reading).text
        if not _MOMENT.fullmatch(text):
            message = f"{self.noun} must be a time such as 2026-12-01T08:00, not {shown(text)}"
            raise reading.refuse(node.location, message)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise reading.refuse(node.location, f"there is no time {text}") from None
        if moment.year not in _YEARS:
            raise reading.refuse(node.location, f"{self.noun} must be in 1970 to 9998, not {text}")
        return reading.calendar.instant(moment)

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"}


@dataclass(frozen=True, slots=True)
class Duration:
    """A number with its unit: `30s`, `15m`, `1h`, `2d`."""

    noun: str
    least: timedelta
    most: timedelta

    def read(self, node: Node, reading: Reading) -> timedelta:
        text = scalar(node, self.noun, reading).text
        written = _DURATION.fullmatch(text)
        if written is None:
            unit = f"; {text} of what? write {text}s or {text}m" if _is_short_number(text) else ""
            message = f"{self.noun} must be a duration such as 30s, 15m, 1h or 2d"
            raise reading.refuse(node.location, f"{message}, not {shown(text)}{unit}")
        duration = timedelta(**{_UNITS[written[2]]: int(written[1])})
        if duration < self.least:
            message = f"{self.noun} must be at least {duration_text(self.least)}, not {text}"
            raise reading.refuse(node.location, message)
        if duration > self.most:
            message = f"{self.noun} must be at most {duration_text(self.most)}, not {text}"
            raise reading.refuse(node.location, message)
        return duration

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": "^[0-9]+[smhd]$"}


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by its IANA name, `America/Chicago`."""

    noun: str

    def read(self, node: Node, reading: Reading) -> ZoneInfo:
        text = scalar(node, self.noun, reading).text
        try:
            return ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            close = closest(text, sorted(available_timezones()))
            hint = f"did you mean {shown(close)}?" if close else "write one such as America/Chicago"
            message = f"unknown {self.noun} {shown(text)}; {hint}"
            raise reading.refuse(node.location, message) from None

    def schema(self) -> JsonSchema:
        return {"type": "string"}


def _is_short_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= len("86400")


def duration_text(duration: timedelta) -> str:
    """A duration as the file would write it, in its largest whole unit."""
    seconds = int(duration.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
