"""What is the matter, read off a plan, the files, the breaker and the token. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from reconciler.core.document import instant
from reconciler.core.model import Status
from reconciler.core.outcome import Result
from reconciler.core.plan import Change, ChangeKey, CollectionPlan, Plan
from reconciler.daemon.notices import Message, Situation, Topic, Turn, listed
from reconciler.errors import Problem
from reconciler.passes.rounds import Done

NEAR_ITS_END = timedelta(minutes=15)
"""
Less life than this is left to a token after a pass only where renewing it does not work.

Studio's tokens live for two hours and a pass renews them at four fifths, which leaves 24 minutes.
"""


def seen(plan: Plan) -> Situation:
    """What a whole plan shows to be the matter."""
    return {
        Topic.HELD: {
            hold.id: f"{hold.id} {hold.guard}{_over(hold.collection)}: {hold.detail}"
            for hold in plan.holds
        },
        Topic.UNREADABLE: {
            f"{each.name}\0{each.source}": f"{each.name} ({each.source.short}): {each.reason}"
            for each in plan.collections
            if each.status is Status.UNREADABLE
        },
        Topic.UNRESOLVED: _unresolved(plan.collections),
    }


def of_files(problems: Iterable[Problem]) -> Situation:
    """What is wrong with the files on disk: one matter, however many problems there are."""
    told = [f"{each.location.short}: {each.message.replace(chr(10), ' ')}" for each in problems]
    return {Topic.CONFIG: {"invalid": "\n".join(told)} if told else {}}


def of_breaker(*, may_write: bool) -> Situation:
    """Whether passes may write, as the breaker has it."""
    words = "writing begins again by itself when passes go well, or when the file is changed"
    return {Topic.BREAKER: {} if may_write else {"open": words}}


def of_refused_token(why: str) -> Situation:
    """The service refuses the token for good."""
    return {Topic.TOKEN: {"refused": why}}


def of_token(expires_at: datetime | None, at: datetime) -> Situation:
    """The token as a pass left it that went well; without an end there is nothing to tell."""
    if expires_at is None or expires_at - at >= NEAR_ITS_END:
        return {Topic.TOKEN: {}}
    return {Topic.TOKEN: {"ending": f"it ends at {instant(expires_at)} and could not be renewed"}}


def healed(done: Done, late: frozenset[ChangeKey]) -> Message | None:
    """
    The drift that a pass took back; None where there was none.

    To be asked for a pass under the same files as the pass before it. `late`
    are the changes that one left undone: doing them now is no healing.
    """
    counts: dict[str, int] = {}
    for entry, change in done.plan.changes():
        # Time closes a window, nobody in Studio did.
        if change.is_expiry or (entry.key, change.principal) in late:
            continue
        if _is_applied(done, entry, change):
            counts[entry.name] = counts.get(entry.name, 0) + 1
    if not counts:
        return None
    total = sum(counts.values())
    title = f"drift is healed: {total} {'share is' if total == 1 else 'shares are'} as written"
    lines = [f"{name}: {count}" for name, count in counts.items()]
    return Message(Topic.DRIFT, Turn.RECOVERED, title, listed(lines))


def undone(done: Done) -> frozenset[ChangeKey]:
    """The changes that a pass planned and did not see done: held, failed, unknown, not tried."""
    return frozenset(
        (entry.key, change.principal)
        for entry, change in done.plan.changes()
        if not _is_applied(done, entry, change)
    )


def _is_applied(done: Done, entry: CollectionPlan, change: Change) -> bool:
    outcome = done.outcomes.shares.get((entry.key, change.principal))
    return outcome is not None and outcome.result is Result.APPLIED


def _unresolved(entries: Iterable[CollectionPlan]) -> Mapping[str, str]:
    where: dict[str, list[str]] = {}
    for entry in entries:
        for who in entry.unresolved:
            where.setdefault(who, []).append(entry.name)
    return {who: f"{who}: {_several(names)}" for who, names in where.items()}


def _several(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _over(collection: str | None) -> str:
    return "" if collection is None else f" over {collection}"
