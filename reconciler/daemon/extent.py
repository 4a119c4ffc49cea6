"""How much of the file a pass read, and how things stand with what it did not read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from reconciler.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Extent:
    """
    So many collections of so many were read.

    The others agreed with the file when they were last read, none of them before `since`.
    """

    collections: int
    of: int
    since: datetime

    @property
    def is_whole(self) -> bool:
        return self.collections == self.of


def with_left_out(left: Plan, out: Plan) -> Plan:
    """What a pass left to be done, with the collections that it left out, as one plan."""
    entries = sorted(
        (*left.collections, *out.collections),
        key=lambda each: (each.name, each.id or 0, each.source),
    )
    expiring = dict.fromkeys((*left.expiring, *out.expiring))
    return replace(
        left,
        collections=tuple(entries),
        expiring=tuple(sorted(expiring, key=lambda each: each.order)),
    )
