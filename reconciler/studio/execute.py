"""
An approved plan, carried out: requests in, outcomes out.

Collections go side by side, each one's requests in order. Every intent is
written down before its request and every outcome after. A refused batch is
settled at once: read that collection again, send what is left; refused again,
one action at a time, so that the bad one is named and the rest is done. A lost
answer is unknown and is never repeated here: the next round reads first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from reconciler.core.batches import batches, remainder
from reconciler.core.guards import ApprovedPlan
from reconciler.core.model import Principal
from reconciler.core.observed import LiveCollection, Shares, Unreadable
from reconciler.core.outcome import Outcome, Outcomes, Result, judge
from reconciler.core.plan import Change, CollectionPlan, Doing
from reconciler.errors import ReconcilerError
from reconciler.studio.parallel import in_parallel
from reconciler.studio.writer import (
    Answered,
    CreateAnswer,
    Created,
    Forbidden,
    Lost,
    NotSent,
    Refused,
    WriteAnswer,
)

Changes: TypeAlias = Sequence[Change]


class Writing(Protocol):
    """The two writes there are."""

    def share(self, collection_id: int, changes: Changes) -> WriteAnswer: ...

    def create_collection(self, name: str, user_id: int | None) -> CreateAnswer: ...


class Intents(Protocol):
    """Where every write is written down before it is sent, and its outcome after."""

    def intend(self, entry: CollectionPlan, id: int, changes: Changes) -> None: ...

    def settle(
        self, entry: CollectionPlan, id: int, outcomes: Mapping[Principal, Outcome]
    ) -> None: ...

    def intend_collection(self, entry: CollectionPlan) -> None: ...

    def settle_collection(
        self, entry: CollectionPlan, outcome: Outcome, id: int | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteOptions:
    """How many collections at a time, and how many actions in one request."""

    concurrency: int = 8
    batch_size: int = 50


@dataclass(frozen=True, slots=True)
class Hands:
    """What carrying out needs: a writer, a way to read one list again, and the journal."""

    writer: Writing
    read_again: Callable[[int], Shares | Unreadable]
    intents: Intents


def execute(
    approved: ApprovedPlan,
    hands: Hands,
    options: ExecuteOptions,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None,
) -> Outcomes:
    """Carry out everything approved. One entry's failure never keeps another from its turn."""
    entries = approved.collections
    works = in_parallel(
        lambda entry: _carry_out(entry, hands, options),
        entries,
        threads=options.concurrency,
        done=lambda done: progress("writing", done, len(entries)),
    )
    return Outcomes(
        shares={
            (work.entry.key, principal): outcome
            for work in works
            for principal, outcome in work.outcomes.items()
        },
        collections={work.entry.key: work.birth for work in works if work.birth is not None},
        created={work.entry.key: work.born for work in works if work.born is not None},
    )


@dataclass(slots=True)
class _Work:
    """One entry's outcomes as they come in."""

    entry: CollectionPlan
    hands: Hands
    outcomes: dict[Principal, Outcome] = field(default_factory=dict)
    birth: Outcome | None = None
    born: LiveCollection | None = None

    def settle(self, id: int, outcomes: Mapping[Principal, Outcome]) -> None:
        self.outcomes.update(outcomes)
        self.hands.intents.settle(self.entry, id, outcomes)

    def give_up(self, error: str, *, final: bool) -> None:
        """Whatever has no outcome yet is not tried."""
        for change in self.entry.changes:
            left = Outcome(Result.NOT_TRIED, error, final=final)
            self.outcomes.setdefault(change.principal, left)


def _carry_out(entry: CollectionPlan, hands: Hands, options: ExecuteOptions) -> _Work:
    work = _Work(entry, hands)
    try:
        id = _create(work) if entry.action is Doing.CREATE else entry.id
        if id is not None:
            _share(work, id, options.batch_size)
    except ReconcilerError as error:
        # The lease is lost, the token is dead or the journal cannot be written: nothing
        # more is sent for this entry, and what was sent without an answer stays unknown.
        if entry.action is Doing.CREATE and work.birth is None:
            work.birth = Outcome(Result.NOT_TRIED, error.message, final=True)
        work.give_up(error.message, final=True)
    return work


def _create(work: _Work) -> int | None:
    """Create the collection; None where there is none to go on with."""
    entry = work.entry
    work.hands.intents.intend_collection(entry)
    try:
        answer = work.hands.writer.create_collection(entry.name, entry.owner_id)
    except ReconcilerError as error:
        work.birth = _birth(NotSent(error.message))
        work.hands.intents.settle_collection(entry, work.birth, None)
        raise
    work.birth = _birth(answer)
    if isinstance(answer, Created):
        owner = answer.collection.owner_id
        work.born = replace(answer.collection, owner_id=owner or entry.owner_id)
    id = work.born.id if work.born is not None else None
    work.hands.intents.settle_collection(entry, work.birth, id)
    if id is None:
        work.give_up("its collection was not created", final=work.birth.final)
    return id


def _birth(answer: CreateAnswer) -> Outcome:
    match answer:
        case Created():
            return Outcome(Result.APPLIED)
        case Lost(reason, timed_out):
            return Outcome(Result.UNKNOWN, reason, may_land=timed_out)
        case Refused(status, message):
            return Outcome(Result.FAILED, f"refused with {status}: {message}", final=True)
        case Forbidden(message):
            text = f"this token may not create it for its owner: {message}"
            return Outcome(Result.FAILED, text, final=True)
        case NotSent(reason):
            return Outcome(Result.NOT_TRIED, reason, final=True)


def _share(work: _Work, id: int, size: int) -> None:
    for batch in batches(work.entry.changes, size):
        answer = _send(work, id, batch)
        if isinstance(answer, Refused):
            answer = _settle_refused(work, id, answer, batch)
        if not isinstance(answer, Answered | Refused):
            final = isinstance(answer, Forbidden | NotSent)
            work.give_up("an earlier request of this collection did not succeed", final=final)
            return


def _settle_refused(work: _Work, id: int, refused: Refused, batch: Changes) -> WriteAnswer:
    """
    Find the bad action by reading, then by sending one at a time; the rest is done.

    Answers the refusal, once it is settled, or what left it open: then nobody knows
    what is there, and a removal must not overtake its grant.
    """
    left = _left(work, id, batch)
    if not isinstance(left, Lost) and len(left) > 1:
        again = _send(work, id, left)
        if not isinstance(again, Refused):
            return again
        left = _left(work, id, left)
    if isinstance(left, Lost):
        return left
    for change in left:
        answer = _send(work, id, (change,))
        if isinstance(answer, Lost | NotSent):
            return answer
        if isinstance(answer, Refused):
            text = f"the service refused it with {answer.status}: {answer.message}"
            work.settle(id, {change.principal: Outcome(Result.FAILED, text, final=True)})
    return refused


def _left(work: _Work, id: int, batch: Changes) -> Changes | Lost:
    """What a fresh read shows as still to be done; what it settles is written down."""
    fresh = work.hands.read_again(id)
    if isinstance(fresh, Unreadable):
        text = f"refused, and its permissions could not be read again: {fresh.reason}"
        work.settle(id, {each.principal: Outcome(Result.UNKNOWN, text) for each in batch})
        return Lost(text)
    found = remainder(batch, fresh)
    work.settle(id, found.settled)
    return found.to_do


def _send(work: _Work, id: int, changes: Changes) -> WriteAnswer:
    """Write down, send, judge, write down. A refusal is left to the caller to settle."""
    work.hands.intents.intend(work.entry, id, changes)
    try:
        answer = work.hands.writer.share(id, changes)
    except ReconcilerError as error:
        answer = NotSent(error.message)
        work.settle(id, {each.principal: _outcome(answer, each) for each in changes})
        raise
    if not isinstance(answer, Refused):
        told = _not_done(work, id, changes) if isinstance(answer, Forbidden) else changes
        work.settle(id, {each.principal: _outcome(answer, each) for each in told})
    return answer


def _not_done(work: _Work, id: int, changes: Changes) -> Changes:
    """What of a forbidden batch was not done: a viewer, say, may share on, but take nothing."""
    if len(changes) == 1:
        return changes
    left = _left(work, id, changes)
    return () if isinstance(left, Lost) else left


def _outcome(answer: Answered | Forbidden | Lost | NotSent, change: Change) -> Outcome:
    match answer:
        case Answered(shares):
            return judge(shares, change)
        case Forbidden(message):
            text = f"this token may not change the shares of this collection: {message}"
            return Outcome(Result.FAILED, text, final=True)
        case Lost(reason, timed_out):
            return Outcome(Result.UNKNOWN, reason, may_land=timed_out)
        case NotSent(reason):
            return Outcome(Result.NOT_TRIED, reason, final=True)
