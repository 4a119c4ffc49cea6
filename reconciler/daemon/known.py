"""What a daemon knows of the entries it need not read in every pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.core.declared import DeclaredCollection
from reconciler.core.model import Status
from reconciler.core.observed import Listing, LiveCollection
from reconciler.core.plan import CollectionKey, Expiry, Plan
from reconciler.core.sighted import Sighted
from reconciler.core.sweep import EntryKey, Reading, Rest, entry_key
from reconciler.errors import Location
from reconciler.passes.rounds import Done, Preview
from reconciler.report import wording


@dataclass(slots=True)
class Known:
    """
    Every entry as it was when last read, by whatever pass that was.

    What a pass sets out to read is `unlearned` before, and learned again from a
    pass that came to its end: one that failed may have written there.
    """

    readings: dict[EntryKey, Reading] = field(default_factory=dict)
    _sighted: Sighted = field(default_factory=Sighted)
    _expiring: tuple[Expiry, ...] = ()

    def keep(self, entries: Iterable[DeclaredCollection], at: datetime) -> None:
        """Go on knowing of these alone, wherever they stand in the files by now."""
        kept = {entry_key(each): each for each in entries}
        known, self.readings = self.readings, {}
        for key, entry in kept.items():
            plan = replace(known[key].plan, source=entry.source)
            self.readings[key] = replace(known[key], plan=plan)
        names = {each.name for each in kept.values()}
        self._expiring = tuple(
            each for each in self._expiring if each.collection in names and each.closes > at
        )

    def move(self, lines: Mapping[Location, Location]) -> None:
        """Lines of the files stand elsewhere now; what is about to end is told with them."""
        self._expiring = tuple(
            replace(each, source=lines.get(each.source, each.source)) for each in self._expiring
        )

    def learn(
        self, entries: Iterable[DeclaredCollection], first: Preview, done: Done, at: datetime
    ) -> None:
        """Take in what a pass read that began at `at`, and came to this."""
        told = {notice.source for notice in done.plan.notices}
        plans = {each.key: each for each in done.plan.collections}
        for entry in entries:
            plan = replace(plans[CollectionKey(entry.name, entry.source)], observed=None)
            agreed = wording.agrees(plan) and not plan.unresolved and entry.source not in told
            self.readings[entry_key(entry)] = Reading(at, plan, agreed)
        view = first.draft.view
        self._sighted.see(view.seen, view.found.values(), at)
        self._expiring = tuple(dict.fromkeys((*self._expiring, *done.plan.expiring)))

    def blind(self, keys: Iterable[EntryKey]) -> int:
        """How many of these could not be read last time."""
        found = (self.readings.get(key) for key in keys)
        return sum(each is not None and each.plan.status is Status.UNREADABLE for each in found)

    def rest(self, blind: int) -> Rest:
        """All that is known, as what a pass leaves unread; of what it reads, so many are blind."""
        if not self.readings:
            self._sighted = Sighted()
            return Rest()
        unread = self.readings.values()
        return Rest(
            entries=len(unread),
            changeable=sum(each.plan.changeable for each in unread),
            blind=blind,
            seen=self._sighted.since(min(each.at for each in unread)),
        )

    def plan(self) -> Plan:
        """All that is known, as the pages show it."""
        entries = tuple(replace(each.plan, live=None) for each in self.readings.values())
        return Plan(collections=entries, expiring=self._expiring)

    def beside(self, listing: Listing) -> dict[int, LiveCollection]:
        """The known collections that a listing does not show, as they were told of one by one."""
        lives = (each.plan.live for each in self.readings.values())
        return {
            live.id: live
            for live in lives
            if live is not None and live.id not in listing.collections
        }
