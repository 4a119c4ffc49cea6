"""One pass on record: the journal of the state, as the passes and the studio room ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from reconciler.cli.site import now
from reconciler.core.document import Header, plan_document
from reconciler.core.model import Principal
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Change, CollectionPlan, Doing, Plan, summarize
from reconciler.passes.rounds import Done
from reconciler.state.journal import Journal
from reconciler.state.records import LostCreation


@dataclass(frozen=True, slots=True)
class Record:
    """
    What one pass writes down. `round` is of the request at hand.

    An intent is on disk before its request is sent, its outcome after.
    """

    journal: Journal
    header: Header
    round: int = 1

    def planned(self, round: int, plan: Plan) -> None:
        self.journal.planned(self.header.id, round, plan_document(plan, self.header))

    def intend(self, entry: CollectionPlan, id: int, changes: Sequence[Change]) -> None:
        self.journal.intend(self.header.id, self.round, id, entry.name, changes)

    def settle(self, entry: CollectionPlan, id: int, outcomes: Mapping[Principal, Outcome]) -> None:
        del entry
        self.journal.settle(self.header.id, self.round, id, outcomes, at=now())

    def intend_collection(self, entry: CollectionPlan) -> None:
        self.journal.intend_collection(self.header.id, entry.name, entry.owner_id, now())

    def settle_collection(self, entry: CollectionPlan, outcome: Outcome, id: int | None) -> None:
        self.journal.settle_collection(
            self.header.id, entry.name, entry.owner_id, outcome, id, now()
        )

    def finish(self, verdict: str, plan: Plan | None) -> None:
        summary = asdict(summarize(plan)) if plan is not None else {}
        self.journal.finish(self.header.id, verdict=verdict, summary=summary, finished_at=now())


def settle_found(journal: Journal, pass_id: str, done: Done) -> None:
    """Settle creations whose answer was lost, where a later round found what became of them."""
    for lost in journal.lost_creations():
        for entry in done.plan.collections:
            outcome = done.outcomes.collections.get(entry.key)
            if _is_it(entry, lost) and outcome is not None and outcome.result is Result.APPLIED:
                journal.settle_collection(
                    pass_id, lost.name, lost.owner_id, outcome, entry.id, now()
                )


def settle_seen(journal: Journal, pass_id: str, plan: Plan) -> None:
    """
    Settle creations that an earlier pass lost, by a plan whose listing began long enough after.

    An entry with a live collection is that one; an entry still to be created
    was not. Anything else says nothing, and is asked again next time.
    """
    for lost in journal.lost_creations():
        for entry in plan.collections:
            if entry.name != lost.name:
                continue
            if entry.live is not None and entry.owner_id == lost.owner_id:
                there = Outcome(Result.APPLIED)
                journal.settle_collection(pass_id, lost.name, lost.owner_id, there, entry.id, now())
            elif _is_it(entry, lost) and not any(_rests_on_gap(entry, plan)):
                gone = Outcome(Result.FAILED, "its answer was lost, and it is not there")
                journal.settle_collection(pass_id, lost.name, lost.owner_id, gone, None, now())


def _is_it(entry: CollectionPlan, lost: LostCreation) -> bool:
    same = (entry.name, entry.owner_id) == (lost.name, lost.owner_id)
    return same and entry.action is Doing.CREATE


def _rests_on_gap(entry: CollectionPlan, plan: Plan) -> list[bool]:
    return [hold.id == entry.hold and not hold.can_be_acknowledged for hold in plan.holds]


def quiet_from(journal: Journal, timeout: timedelta, at: datetime) -> datetime:
    """
    When no creation of an earlier pass can still be under way: now, or a while later.

    A listing is proof that a collection is not there only if it began a whole
    timeout after the request was given up. A clock that was set back since
    makes that no longer than a timeout from now.
    """
    lost = (each.lost_at for each in journal.lost_creations() if each.timed_out)
    return max(at, min(at, max(lost, default=at - timeout)) + timeout)
