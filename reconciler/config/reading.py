"""What reading a value may depend on: where its files are, and what was read before it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from reconciler.config.calendar import Calendar
from reconciler.config.problems import Problems, Unusable
from reconciler.core.declared import Reference
from reconciler.core.model import Mode
from reconciler.errors import Location

Judged: TypeAlias = dict[tuple[str, bool], Reference]


@dataclass(frozen=True, slots=True)
class Root:
    """
    The main file's folder: as the person typed it, and with every link followed.

    Files are read below `resolved`, so that a checkout swapped underneath is
    never read half old and half new; places are told below `typed`.
    """

    typed: Path
    resolved: Path

    def clickable(self, location: Location) -> Location:
        """The place as somebody standing in their own folder would open it."""
        path = (self.typed / location.path).as_posix()
        return Location(path, location.line, location.column)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One reading of one set of files.

    `logins` are the case-folded names of people in the file's directory,
    `share_sets` the names that collections may take. `users` and `groups` are
    the principals read so far, by their text and whether it stood without quotes:
    the same few stand on most lines, and each is judged once.
    """

    problems: Problems
    root: Root
    calendar: Calendar = field(default_factory=Calendar)
    mode: Mode = Mode.OBSERVE
    logins: AbstractSet[str] = frozenset()
    share_sets: AbstractSet[str] = frozenset()
    users: Judged = field(default_factory=dict)
    groups: Judged = field(default_factory=dict)

    def refuse(self, location: Location, message: str) -> Unusable:
        return self.problems.refuse(location, message)


JsonSchema = Mapping[str, object]
