"""Small builders of plans: a share, a collection, a whole plan with one of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle

from reconciler.core.document import Header
from reconciler.core.model import (
    OWNER,
    Foreign,
    Mode,
    Notice,
    Permission,
    Principal,
    PrincipalType,
    Status,
)
from reconciler.core.plan import (
    Cause,
    Change,
    CollectionPlan,
    Doing,
    Expiry,
    Hold,
    LeftAlone,
    Plan,
    Why,
)
from reconciler.core.reach import Reach, Turn
from reconciler.errors import Location

VIEW, EDIT = Permission.VIEW, Permission.EDIT

HEADER = Header(
    id="01JDPASS",
    created_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    studio="https://school.instructuremedia.com",
    config_path="config.yaml",
    config_digest="sha256:00",
    commit="abc1234def567890",
)


def user(number: int) -> Principal:
    return Principal(PrincipalType.USER, number)


def group(number: int) -> Principal:
    return Principal(PrincipalType.GROUP, number)


def at(line: int, path: str = "config.yaml") -> Location:
    return Location(path, line, 5)


def create(who: str, number: int, *, line: int = 50, after: Permission = VIEW) -> Change:
    return Change(principal=user(number), before=None, after=after, who=who, source=at(line))


def destroy(who: str, number: int, *, line: int = 40, hold: str | None = None) -> Change:
    return Change(
        principal=user(number), before=VIEW, after=None, who=who, source=at(line), hold=hold
    )


def collection(
    *changes: Change, name: str = "Biology 101", id: int | None = 4711, line: int = 40
) -> CollectionPlan:
    return CollectionPlan(
        name=name,
        source=at(line),
        mode=Mode.AUTHORITATIVE,
        id=id,
        owner_id=101,
        changes=changes,
    )


def named(text: str, *, hold: str | None = None) -> Plan:
    """A plan in which everything that can hold a name holds this text."""
    held = Hold(id=hold or "7c1f0a9e", guard="removals.per_pass", collection=text, detail=text,
                changes=1)  # fmt: skip
    shares = (
        create(text, 1),
        destroy(text, 2, hold=held.id),
        Change(principal=user(3), before=EDIT, after=VIEW, who=text, source=at(7), reason=text),
    )
    alone = LeftAlone(principal=user(4), who=text, level=Foreign(text), why=Why.FOREIGN)
    lost = CollectionPlan(
        name=text, source=at(8, text), mode=Mode.OBSERVE, status=Status.UNREADABLE, reason=text
    )
    shared = CollectionPlan(
        name=text, source=at(9), mode=Mode.AUTHORITATIVE, changes=shares, left_alone=(alone,)
    )
    return Plan(
        collections=(shared, lost),
        notices=(Notice(at(9, text), text, text), Notice(None, "code", text)),
        holds=(held,),
        acknowledged=(Hold(id="aa", guard=text, collection=None, detail=text, changes=2),),
        expiring=(expiry(text, 5, name=text),),
    )


def caused() -> Plan:
    """The rich plan, with what is behind each change and what goes by itself before long."""
    plan = rich()
    causes = cycle([Cause.FILE, Cause.DRIFT, Cause.FILE])
    collections = (
        replace(each, changes=tuple(replace(change, cause=next(causes)) for change in each.changes))
        for each in plan.collections
    )
    return replace(
        plan,
        collections=tuple(collections),
        expiring=(expiry("guest@partner.edu", 907), expiry("user:12", 12, remaining=VIEW)),
    )


def expiry(
    who: str, number: int, *, name: str = "Biology 101", remaining: Permission | None = None
) -> Expiry:
    return Expiry(
        closes=datetime(2026, 12, 1, 6, tzinfo=UTC),
        collection=name,
        principal=user(number),
        who=who,
        permission=EDIT,
        remaining=remaining,
        source=at(58),
    )


def reached(unread: tuple[str, ...] = ("Biology Faculty",)) -> Reach:
    """Whose access the rich plan changes: six people in two collections."""
    biology, _, _, economics, _ = rich().collections
    return Reach(
        turns={
            biology.key: Turn(
                gain=frozenset({102, 103}), lose=frozenset({907}), lowered=frozenset({12})
            ),
            economics.key: Turn(gain=frozenset({102})),
        },
        unread=unread,
    )


def rich() -> Plan:
    """A plan with one of everything."""
    biology = CollectionPlan(
        name="Biology 101",
        source=at(40),
        mode=Mode.AUTHORITATIVE,
        id=4711,
        owner_id=101,
        unchanged=12,
        changes=(
            create("grace@school.edu", 102, line=52, after=EDIT),
            Change(principal=group(7), before=VIEW, after=EDIT, who="Biology Faculty",
                   source=at(53), reason="ticket 4821"),
            Change(principal=user(12), before=EDIT, after=VIEW, who="山田太郎", source=at(54)),
            Change(principal=user(907), before=VIEW, after=None, who="user:907", source=at(55),
                   expired=True),
            destroy("lin@school.edu", 103, hold="7c1f0a9e"),
            destroy("max@school.edu", 104, hold="7c1f0a9e"),
        ),
        left_alone=(
            LeftAlone(principal=user(101), who="ada@school.edu", level=OWNER, why=Why.OWNER),
            LeftAlone(principal=user(5), who="eve@school.edu", level=Foreign("manage"),
                      why=Why.FOREIGN, desired=VIEW),
        ),
    )  # fmt: skip
    chemistry = CollectionPlan(
        name="Chemistry",
        source=at(60),
        mode=Mode.OBSERVE,
        id=4712,
        owner_id=101,
        left_alone=(
            LeftAlone(principal=user(6), who="kim@school.edu", level=VIEW, why=Why.OBSERVE,
                      desired=EDIT),
            LeftAlone(principal=user(8), who="joe@school.edu", level=None, why=Why.OBSERVE,
                      desired=VIEW),
        ),
    )  # fmt: skip
    dance = CollectionPlan(
        name="Dance", source=at(70), mode=Mode.AUTHORITATIVE, id=4713, owner_id=101, unchanged=800
    )
    economics = CollectionPlan(
        name="Economics",
        source=at(80),
        mode=Mode.ADDITIVE,
        action=Doing.CREATE,
        changes=(create("grace@school.edu", 102, line=81),),
    )
    french = CollectionPlan(
        name="French", source=at(90), mode=Mode.AUTHORITATIVE, status=Status.UNREADABLE, id=4799,
        reason="the service answered 403",
    )  # fmt: skip
    return Plan(
        collections=(biology, chemistry, dance, economics, french),
        notices=(
            Notice(at(61), "unresolved-user", "nobody in Studio is called jim@school.edu"),
            Notice(None, "clock", "the service's clock is 40 s ahead"),
        ),
        holds=(
            Hold(id="7c1f0a9e", guard="removals.per_collection", collection="Biology 101",
                 detail="the plan removes 3 of 15 shares; at most 2 may go in one pass", changes=2),
            Hold(id="0b5e77d1", guard="completeness", collection="French",
                 detail="its shares could not be read in full", changes=1,
                 can_be_acknowledged=False),
        ),
        acknowledged=(
            Hold(id="55aa55aa", guard="escalations.per_pass", collection=None,
                 detail="the plan raises 1 of 15 shares; at most 0 may be raised", changes=1),
        ),
    )  # fmt: skip
