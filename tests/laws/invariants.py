"""
What holds after every pass, however it went: asked of the tenant's own audit and of the journal.

What people did by hand while a pass was under way is nobody's fault: the service compares
nothing when it writes. So where the hand and a pass met in one share, the share is not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.core.outcome import Result
from reconciler.sandbox.audit import Entry
from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.world import ORDINARY, WRITABLE, PrincipalKey, World
from reconciler.state.records import ChangeRecord, PassRecord
from tests.laws.oracle import entries_of, lines_of, mode_of, rank
from tests.laws.worlds import Plain

SHARES = {"create", "update", "destroy"}
HAPPENED = {Result.APPLIED, Result.UNKNOWN, None}
Names = Mapping[int, set[str | None]]
Moved = tuple[int | None, PrincipalKey | None, str | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """What one pass began with, since which entry of the audit, and what the service tells."""

    file: Plain
    world: World
    at: datetime
    since: int
    archived_told: bool
    me_told: bool

    def met_by_hand(self, audit: Sequence[Entry], moved: Entry) -> bool:
        """Whether somebody had a hand in what a pass moved, while it was at it."""
        return any(
            each.stamp.via == "hand"
            and (each.collection == moved.collection)
            and (each.principal in {moved.principal, None})
            for each in audit[self.since :]
        )


def nothing_forbidden(audit: Sequence[Entry]) -> None:
    """Nobody asked to delete, archive, rename or re-own, and nothing but shares was written."""
    for each in audit:
        assert each.stamp.via == "hand" or each.action in SHARES | {"create_collection"}, each


def only_what_the_file_rules(audit: Sequence[Entry], scopes: Sequence[Scope], names: Names) -> None:
    """Each share that a pass moved since the last scope began is the file's, and moved its way."""
    for each in audit[scopes[-1].since :]:
        if each.stamp.via == "api" and each.action in SHARES:
            # A request whose answer was lost may land passes later; it was sent when it says.
            sent_in = [scope for scope in scopes if scope.at <= each.stamp.at][-1:]
            told = [_objection(each, one, audit, names) for one in (*sent_in, *scopes[-2:])]
            assert None in told, (each, told)


def _objection(moved: Entry, scope: Scope, audit: Sequence[Entry], names: Names) -> str | None:
    assert moved.collection is not None
    assert moved.principal is not None
    by_hand = scope.met_by_hand(audit, moved)
    collection = scope.world.collections.get(moved.collection)
    kind = collection.type if collection is not None else ORDINARY
    entries = list(entries_of(scope.file, moved.collection, names[moved.collection], kind))
    if not entries:
        return "no entry of the file is this collection"
    if scope.archived_told and collection is not None and collection.archived_at is not None:
        return "it is archived"
    if moved.principal == ("user", scope.world.me) and (scope.me_told or moved.after is None):
        return "it is the token's own user"
    if collection is not None and moved.principal == ("user", collection.owner) and not by_hand:
        return "it is the owner"
    if moved.before not in {None, *WRITABLE} and not by_hand:
        return "a word of the service's own is touched"
    told = [_objection_of(moved, scope, entry, by_hand=by_hand) for entry in entries]
    return None if None in told else str(told)


def _objection_of(moved: Entry, scope: Scope, entry: Plain, *, by_hand: bool) -> str | None:
    mode = mode_of(scope.file, entry)
    lines = [
        line
        for day in (timedelta(0), timedelta(hours=1))
        for line in lines_of(scope.file, entry, scope.world, scope.at + day)
    ]
    asked = {line.level for line in lines if line.is_open and moved.principal in line.whom}
    sure = any(line.is_open and line.only == moved.principal for line in lines)
    if mode == "observe":
        return "mode observe"
    if mode == "additive" and rank(moved.after) <= rank(moved.before) and not by_hand:
        return "mode additive takes nothing away"
    if moved.after is not None and moved.after not in asked:
        return f"the file asks for {asked or 'nothing'} of it"
    if moved.after is None and sure:
        return "it is asked for"
    return None


def journal_fits(tenant: Tenant, passes: Sequence[PassRecord], scopes: Sequence[Scope]) -> None:
    """All that took effect is on record as applied or unknown; all that is applied took effect."""
    audit = tenant.audit
    scope = scopes[-1]
    # Where neither the list nor the file tells who we are, our own share seems never to come.
    unseen = None if scope.me_told else ("user", scope.world.me)
    api = Counter(
        _moved(each)
        for each in audit
        if _is_share(each) and each.stamp.via == "api" and each.principal != unseen
    )
    rows = [change for each in passes for change in each.changes]
    told = Counter(_told(row) for row in rows if _result(row) in HAPPENED)
    assert not api - told, ("not on record", api - told)
    since = scopes[-2].since if len(scopes) > 1 else scopes[-1].since
    recent = {_moved(each) for each in audit[since:] if _is_share(each)}
    for row in passes[-1].changes:
        if _result(row) is Result.APPLIED:
            assert _told(row) in recent, ("applied, and nothing of it took effect", row)
    creations = [each for one in passes for each in one.creations]
    made = [each for each in audit if each.action == "create_collection"]
    born = Counter(each.detail for each in made if each.stamp.via == "api")
    intended: Counter[str | None] = Counter(
        each.name
        for each in creations
        if (each.outcome.result if each.outcome is not None else None) in HAPPENED
    )
    assert not born - intended, ("collections that are not on record", born - intended)
    # A creation whose answer was lost is told by the name and owner it would have: nothing tells
    # it from a collection that somebody gave that name, or to that owner, meanwhile.
    by_hand = (each for each in audit if each.action in {"rename", "transfer"})
    ids = {each.collection for each in (*made, *by_hand)}
    for each in creations:
        if each.outcome is not None and each.outcome.result is Result.APPLIED:
            assert each.collection_id in ids, ("created, and not there", each)


def never_twice(audit: Sequence[Entry], before: World, born: Mapping[int, int]) -> None:
    """No collection of a name and owner is made while there is one; `born` are owners at birth."""
    called = {id: (each.name, each.owner) for id, each in before.collections.items()}
    lives = {
        called[id]
        for id, each in before.collections.items()
        if each.type == ORDINARY and each.archived_at is None
    }
    for each in audit:
        id = each.collection
        if id is None or each.action in SHARES:
            continue
        if each.action == "create_collection":
            called[id] = each.detail, born[id]
            assert called[id] not in lives, ("a second one was made", each)
            lives.add(called[id])
            continue
        # From here on the name may be given again.
        lives.discard(called[id])
        name, owner = called[id]
        called[id] = (
            each.detail if each.action == "rename" else name,
            int(each.after or 0) if each.action == "transfer" else owner,
        )


def limits_hold(passes: Sequence[PassRecord], scope: Scope) -> None:
    """The last pass removed no more than its limits, and neither did the day with it."""
    removals = scope.file["guards"].get("removals", {})
    mine = {(row.collection_id, row.change.principal) for row in _removals(passes[-1])}
    if not mine:
        return
    base = sum(len(each.shares) for each in scope.world.collections.values())
    today = [
        row
        for each in passes[:-1]
        for row in _removals(each)
        if row.at >= scope.at - timedelta(hours=24)
    ]
    distinct = {(row.pass_id, row.collection_id, row.change.principal) for row in today}
    _at_most(len(mine), removals.get("per_pass", {"count": 10, "percent": 10}), base)
    _at_most(len(mine) + len(distinct), removals.get("per_day", {"count": 25, "percent": 15}), base)


def _at_most(number: int, limit: Mapping[str, int] | None, base: int) -> None:
    if limit is not None:
        allowed = max(limit.get("count", 0), limit.get("percent", 0) * base // 100)
        assert number <= allowed, f"{number} removals, and {allowed} are allowed"


def _removals(of: PassRecord) -> Iterator[ChangeRecord]:
    for row in of.changes:
        if row.change.is_removal and _result(row) in HAPPENED:
            yield row


def _result(row: ChangeRecord) -> Result | None:
    return row.outcome.result if row.outcome is not None else None


def _is_share(each: Entry) -> bool:
    return each.action in SHARES


def _moved(each: Entry) -> Moved:
    return each.collection, each.principal, each.after


def _told(row: ChangeRecord) -> Moved:
    who = row.change.principal
    return row.collection_id, (who.type.value, who.id), row.change.after
