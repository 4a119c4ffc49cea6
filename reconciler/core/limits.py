"""The numbers that guards judge by, and what a person has let through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.core.declared import Reference
from reconciler.errors import Location


@dataclass(frozen=True, slots=True)
class Limit:
    """
    How many changes may go: the larger of a count and a share of what there is.

    The count is there because a fraction of a small number means nothing. An
    absent one of the two is 0; `Limit(0, 0)` lets none through. A limit that is
    off is None, not a Limit.
    """

    count: int = 0
    percent: Decimal = Decimal(0)

    def allowed(self, observed: int) -> int:
        """The most that may go when so many managed shares are observed."""
        return max(self.count, int(self.percent * observed / 100))


@dataclass(frozen=True, slots=True)
class Visibility:
    """When too much of the managed part is out of sight to trust the rest."""

    count: int = 0
    percent: Decimal = Decimal(0)
    drop_percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the file says under `guards`. The defaults are the contract's; None is off."""

    removals_per_collection: Limit | None = Limit(3, Decimal(30))
    removals_per_pass: Limit | None = Limit(10, Decimal(10))
    removals_per_day: Limit | None = Limit(25, Decimal(15))
    escalations_per_pass: Limit | None = Limit(10, Decimal(10))
    expiries_per_pass: Limit | None = Limit(50, Decimal(25))
    grants_per_pass: Limit | None = None
    visibility: Visibility | None = Visibility(3, Decimal(5), Decimal(30))
    flapping: int | None = 3
    protect: tuple[tuple[Reference, Location], ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """
    One held set of changes that a person lets through, up to without `until`.

    `source` is None for one given on the command line.
    """

    hold: str
    until: datetime | None = None
    reason: str | None = None
    source: Location | None = None
