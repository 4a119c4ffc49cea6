"""What a pass needs of the rooms below it, as narrow as its use. `cli` wires them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from reconciler.core.declared import Declarations, DeclaredCollection
from reconciler.core.guards import ApprovedPlan
from reconciler.core.limits import Acknowledgement, Limits
from reconciler.core.observed import (
    Absent,
    Found,
    Listing,
    LiveCollection,
    Memory,
    Shares,
    Sightings,
    Unreadable,
)
from reconciler.core.outcome import Outcomes
from reconciler.core.plan import Plan
from reconciler.core.sweep import Rest


class Studio(Protocol):
    """The reading side of the service. Nothing here can write."""

    def listing(self) -> tuple[Listing, Sightings, int | None]:
        """Every collection the token sees, who was seen, and the token's own user."""
        ...

    def collection(self, id: int) -> LiveCollection | Absent | Unreadable: ...

    def shares(self, ids: Collection[int]) -> tuple[Mapping[int, Shares | Unreadable], Sightings]:
        """The permission lists of these collections, read side by side."""
        ...

    def people(self, addresses: Collection[str]) -> Mapping[str, Found]:
        """Who has these addresses, by search."""
        ...

    def library(self, user_id: int) -> tuple[Listing | Unreadable, Sightings]:
        """The collections of one user."""
        ...


class Executor(Protocol):
    """The writing side: carries out what was approved, and nothing else."""

    def __call__(self, approved: ApprovedPlan, round: int) -> Outcomes: ...


class Clock(Protocol):
    """What time it is, and waiting that a stop ends early."""

    def now(self) -> datetime: ...

    def wait_until(self, when: datetime, why: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """
    What a pass is asked to do: the entries it covers, and the rules it judges by.

    `rest` is what is known of the other entries, where it is about them all and
    reads only some.
    """

    declarations: Declarations
    entries: Sequence[DeclaredCollection]
    limits: Limits = field(default_factory=Limits)
    acknowledgements: Sequence[Acknowledgement] = ()
    memory: Memory = field(default_factory=Memory)
    rest: Rest = field(default_factory=Rest)
    me: int | None = None
    timeout: timedelta = timedelta(seconds=30)

    @property
    def covers_all(self) -> bool:
        """Whether this is about the whole file, not about a part asked for."""
        return len(self.entries) + self.rest.entries == len(self.declarations.collections)


class Recorder(Protocol):
    """Where the plan of each round is written before anything of it is done."""

    def planned(self, round: int, plan: Plan) -> None: ...
