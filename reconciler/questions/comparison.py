"""The file and the tenant side by side, as a pass stopped before its first write sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.core.declared import Declarations
from reconciler.core.desired import DesiredCollection, DesiredState, Met
from reconciler.core.directory import Directory
from reconciler.core.observed import ObservedState
from reconciler.core.plan import CollectionKey, CollectionPlan, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is declared, observed, desired and planned, and who is who."""

    declarations: Declarations
    observed: ObservedState
    desired: DesiredState
    plan: Plan
    who: Directory

    def pairs(self) -> Iterator[tuple[DesiredCollection, CollectionPlan]]:
        """Every entry of the file as it should be, with what is planned for it."""
        plans = {each.key: each for each in self.plan.collections}
        for each in self.desired.collections:
            yield each, plans[CollectionKey(each.declared.name, each.declared.source)]

    def ruled(self) -> Mapping[int, DesiredCollection]:
        """The entry that rules each live collection, by id, where the file names it."""
        return {
            each.target.id: each
            for each in self.desired.collections
            if isinstance(each.target, Met)
        }
