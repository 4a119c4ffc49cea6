"""
Cron's five fields, with cron's meaning, in words APScheduler cannot misread.

APScheduler counts weekdays from Monday, refuses 7, and takes day-of-month
*and* weekday where cron takes either. So what cron reads as "or" is refused,
and every field is written out as a plain list, weekdays by name.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.config.nodes import Node
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.scalars import scalar
from reconciler.config.suggest import shown

# Cron's own order: 0 is Sunday, and so is 7.
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PART = re.compile(r"(\*|[0-9a-z]{1,3}(?:-([0-9a-z]{1,3}))?)(?:/([0-9]{1,3}))?", re.ASCII)
_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class _Field:
    noun: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def number(self, word: str) -> int:
        """Cron's number for a word. Raises ValueError with what is wrong."""
        if word in self.names:
            return self.names.index(word) + self.least
        if not word.isdecimal() or not self.least <= int(word) <= self.most:
            names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
            bounds = f"{self.least}-{self.most}{names}"
            raise ValueError(f"{shown(word)} is not a {self.noun}; write {bounds}")
        return int(word)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
)
_DAY, _MONTH, _WEEKDAY = 2, 3, 4


def written_out(text: str) -> str:
    """Five fields as plain lists, `*` where all. Raises ValueError with what is wrong."""
    if hint := _SHORTHANDS.get(text):
        raise ValueError(f"{text} is not read; write {shown(hint)}")
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f"it has {len(parts)} fields; write minute, hour, day, month, weekday")
    if parts[_DAY] != "*" and parts[_WEEKDAY] != "*":
        raise ValueError("day of the month and weekday together mean either in cron; use only one")
    values = [_values(part, field) for part, field in zip(parts, _FIELDS, strict=True)]
    _must_exist(values[_DAY], values[_MONTH])
    return " ".join(_list(*each) for each in zip(parts, values, _FIELDS, strict=True))


def _values(text: str, field: _Field) -> set[int]:
    return {value for part in text.split(",") for value in _part(part, field)}


def _part(text: str, field: _Field) -> Iterator[int]:
    written = _PART.fullmatch(text)
    if written is None:
        raise ValueError(f"{shown(text)} cannot be read as {field.noun}; write *, 5, 1-5, */15")
    first, last = _bounds(written, field)
    step = int(written[3]) if written[3] else 1
    if not 1 <= step <= field.most - field.least + 1:
        raise ValueError(f"the step in {shown(text)} goes over the whole {field.noun} field")
    yield from range(first, last + 1, step)


def _bounds(written: re.Match[str], field: _Field) -> tuple[int, int]:
    # `*` in weekdays ends at Saturday: 7 is Sunday once more.
    end = len(_WEEKDAYS) - 1 if field.names is _WEEKDAYS else field.most
    if written[1] == "*":
        return field.least, end
    first = field.number(written[1].partition("-")[0])
    if written[2] is None:
        return first, max(first, end) if written[3] else first
    last = field.number(written[2])
    if field.names is _WEEKDAYS and last == 0:
        last = len(_WEEKDAYS)
    if last < first:
        raise ValueError(f"{shown(written[1])} runs backwards; write the two parts with a comma")
    return first, last


def _must_exist(days: set[int], months: set[int]) -> None:
    if all(min(days) > monthrange(_LEAP_YEAR, month)[1] for month in months):
        raise ValueError(f"there is never a day {min(days)} in those months")


def _list(text: str, values: set[int], field: _Field) -> str:
    if text == "*":
        return "*"
    if field.names is _WEEKDAYS:
        days = {value % len(_WEEKDAYS) for value in values}
        return ",".join(name for number, name in enumerate(_WEEKDAYS) if number in days)
    return ",".join(str(value) for value in sorted(values))


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields, read as its written-out form."""

    noun: str

    def read(self, node: Node, reading: Reading) -> str:
        text = scalar(node, self.noun, reading).text
        try:
            return written_out(text)
        except ValueError as error:
            raise reading.refuse(node.location, f"{self.noun} {shown(text)}: {error}") from None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^\s*\S+(\s+\S+){4}\s*$"}
