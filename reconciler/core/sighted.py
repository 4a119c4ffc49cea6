"""Who was seen over several passes, each with when: a name means the same whatever is read now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from reconciler.core.observed import Found, Person, Sightings

ValueT = TypeVar("ValueT")


@dataclass(slots=True)
class Sighted:
    """People and groups by id, as they were seen last."""

    _people: dict[int, tuple[datetime, Person]] = field(default_factory=dict)
    _groups: dict[int, tuple[datetime, str | None]] = field(default_factory=dict)

    def see(self, seen: Sightings, found: Iterable[Found], at: datetime) -> None:
        """Take in whom a pass that began at `at` saw, and found by search."""
        hits = (each for hit in found if isinstance(hit, tuple) for each in hit)
        self._people |= {each.id: (at, each) for each in hits}
        self._people |= {id: (at, each) for id, each in seen.people.items()}
        self._groups |= {id: (at, name) for id, name in seen.groups.items()}

    def since(self, oldest: datetime) -> Sightings:
        """Everybody seen by a pass that began no earlier. The others are let go of."""
        self._people = _since(self._people, oldest)
        self._groups = _since(self._groups, oldest)
        return Sightings(_bare(self._people), _bare(self._groups))


def _since(
    dated: Mapping[int, tuple[datetime, ValueT]], oldest: datetime
) -> dict[int, tuple[datetime, ValueT]]:
    return {id: each for id, each in dated.items() if each[0] >= oldest}


def _bare(dated: Mapping[int, tuple[datetime, ValueT]]) -> dict[int, ValueT]:
    return {id: value for id, (_, value) in dated.items()}
