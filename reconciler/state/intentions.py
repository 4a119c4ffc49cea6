"""
The changes that a process is about to send, and what becomes of them, as rows of the journal.

Two transactions a request are what a pass of many writes costs most. So its threads share
them, and each asks the database nothing that this process has told it itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from sqlalchemy import Connection, delete, insert, update

from reconciler.core.model import Principal
from reconciler.core.outcome import Outcome, Result
from reconciler.errors import ReconcilerError
from reconciler.state.records import outcome_values
from reconciler.state.schema import changes
from reconciler.state.store import Store
from reconciler.state.together import Together

Check: TypeAlias = Callable[[Connection], None]
Place: TypeAlias = tuple[str, int, int | None]
"""A pass, a round of it and the id of a collection: where changes are intended."""

Row: TypeAlias = Mapping[str, object]

_IDS = insert(changes).returning(changes.c.id, sort_by_parameter_order=True)


@dataclass(slots=True)
class _Intended:
    """Rows to be written in place of those with the ids `again`; then their own ids."""

    rows: Sequence[Row]
    again: Sequence[int]
    ids: Sequence[int] = ()
    refused: ReconcilerError | None = None


@dataclass(frozen=True, slots=True)
class _Settled:
    """The rows of each outcome, told at this time."""

    alike: Mapping[Outcome, Sequence[int]]
    at: datetime


class Intentions:
    """
    Those of one process. Threads may share it, for one collection one after the other.

    Each has `check` look in its transaction whether this writer may still write;
    what that raises leaves it off the record, and nothing else.
    """

    def __init__(self, store: Store, check: Check) -> None:
        self._store = store
        self._check = check
        self._ids: dict[Place, dict[Principal, int]] = {}
        self._together: Together[_Intended | _Settled] = Together(self._write)

    def intend(self, place: Place, rows: Mapping[Principal, Row]) -> None:
        """Have these on disk. Of one that still is without an outcome there, this one stands."""
        ids = self._ids.setdefault(place, {})
        again = [ids[who] for who in rows.keys() & ids.keys()]
        intended = _Intended(tuple(rows.values()), again)
        self._together.bring(intended)
        if intended.refused is not None:
            raise intended.refused
        ids.update(zip(rows, intended.ids, strict=True))

    def settle(self, place: Place, outcomes: Mapping[Principal, Outcome], at: datetime) -> None:
        """Have on disk what became of them; a later word replaces an earlier. Raises ValueError."""
        ids = self._ids.get(place, {})
        alike: defaultdict[Outcome, list[int]] = defaultdict(list)
        for who, outcome in outcomes.items():
            if who in ids:
                alike[outcome].append(ids[who])
            elif outcome.result is not Result.NOT_TRIED:
                raise ValueError(f"nobody intended to change {who} in {place}")
        if alike:
            self._together.bring(_Settled(alike, at))

    def _write(self, brought: Sequence[_Intended | _Settled]) -> None:
        intended = [each for each in brought if isinstance(each, _Intended)]
        with self._store.write() as connection:
            if intended:
                self._insert(connection, intended)
            _tell(connection, [each for each in brought if isinstance(each, _Settled)])

    def _insert(self, connection: Connection, intended: Sequence[_Intended]) -> None:
        try:
            self._check(connection)
        except ReconcilerError as error:
            for each in intended:
                each.refused = error
            return
        if again := [id for each in intended for id in each.again]:
            unknown = changes.c.id.in_(again) & changes.c.outcome.is_(None)
            connection.execute(delete(changes).where(unknown))
        if rows := [row for each in intended for row in each.rows]:
            ids = iter(connection.scalars(_IDS, rows).all())
            for each in intended:
                each.ids = tuple(islice(ids, len(each.rows)))


def _tell(connection: Connection, settled: Sequence[_Settled]) -> None:
    """Write outcomes down. Those that are alike are told at once: as of the latest of them."""
    alike: defaultdict[Outcome, list[int]] = defaultdict(list)
    for each in settled:
        for outcome, ids in each.alike.items():
            alike[outcome] += ids
    for outcome, ids in alike.items():
        told = {"at": max(each.at for each in settled), **outcome_values(outcome)}
        connection.execute(update(changes).where(changes.c.id.in_(ids)).values(**told))
