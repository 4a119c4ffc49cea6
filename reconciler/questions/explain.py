"""Why somebody has the access they have on one collection, or has not, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from reconciler.core.declared import ALWAYS, Reference, Window
from reconciler.core.desired import DesiredCollection
from reconciler.core.directory import NotOne
from reconciler.core.model import OWNER, Level, Permission, Principal, PrincipalType, Status
from reconciler.core.observed import Shares, Unreadable
from reconciler.core.plan import Change, CollectionPlan, Doing
from reconciler.errors import Location
from reconciler.questions.comparison import Comparison
from reconciler.questions.lines import Coming, coming, lines_about, telling
from reconciler.questions.subject import Asked, Subject
from reconciler.questions.survey import why_unreadable
from reconciler.report import wording
from reconciler.state.records import ChangeRecord

LastApplied: TypeAlias = Callable[[int, Principal], ChangeRecord | None]
Read: TypeAlias = Shares | Unreadable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    One principal on one collection.

    `asked` is a name still where it is nobody's or several people's; `since` is
    the change of ours that made the share what it is. `source` is the line that
    asks for it (for a share that goes: the collection's line), `window` its
    time. `notes` are the reasons, in sentences; `complete` says that the
    permission list was read in full.
    """

    asked: Asked
    who: str
    collection: str
    collection_id: int | None
    desired: Permission | None = None
    observed: Level | None = None
    since: ChangeRecord | None = None
    source: Location | None = None
    share_set: str | None = None
    window: Window = ALWAYS
    hold: str | None = None
    next: Coming | None = None
    notes: tuple[str, ...] = ()
    complete: bool = True


def explain(
    asked: Asked,
    subject: Subject,
    compared: Comparison,
    read: Read,
    *,
    now: datetime,
    last: LastApplied,
) -> Explanation:
    """
    Say what is desired, observed and to come.

    `read` is the collection's permission list, None where there is none to
    read; `last` tells the last change of ours to a share, from the journal.
    """
    reason = None if read is None else why_unreadable(read)
    told = Explanation(
        asked=asked,
        who=_label(asked, compared),
        collection=subject.name,
        collection_id=subject.id,
        observed=_observed(asked, subject, read),
        complete=reason is None,
        notes=(f"its permissions were not read in full: {reason}",) if reason else (),
    )
    told = _with_since(told, last)
    if subject.entry is None:
        never = "the file does not name this collection, so it is never touched"
        return replace(told, notes=(*told.notes, never))
    want, plan = subject.entry
    told = _with_line(told, want, compared, now)
    return _with_plan(told, want, plan, compared, now)


def _label(asked: Asked, compared: Comparison) -> str:
    return compared.who.label(asked) if isinstance(asked, Principal) else str(asked)


def _observed(asked: Asked, subject: Subject, read: Read) -> Level | None:
    owner_id = subject.live.owner_id if subject.live is not None else None
    if owner_id is not None and asked == Principal(PrincipalType.USER, owner_id):
        return OWNER
    if isinstance(read, Shares) and isinstance(asked, Principal):
        return read.levels.get(asked)
    return None


def _with_since(told: Explanation, last: LastApplied) -> Explanation:
    """Add the change of ours that made the share what it is, or that somebody undid since."""
    if told.collection_id is None or not isinstance(told.asked, Principal):
        return told
    record = last(told.collection_id, told.asked)
    if record is None or not told.complete:
        return told
    if record.change.after == told.observed:
        return replace(told, since=record)
    made = f"made it {record.change.after}" if record.change.after else "took it away"
    note = f"pass {record.pass_id} {made} at {record.at:%Y-%m-%d %H:%M} UTC"
    return replace(told, notes=(*told.notes, f"{note}; somebody changed it since"))


def _with_line(
    told: Explanation, want: DesiredCollection, compared: Comparison, now: datetime
) -> Explanation:
    """Add the line that asks for the share now, else the one whose time is near."""
    asked = told.asked
    if isinstance(asked, Principal) and (share := want.shares.get(asked)) is not None:
        return replace(
            told,
            desired=share.permission,
            source=share.source,
            share_set=share.share_set,
            window=share.window,
            notes=(*told.notes, *_reason(share.reason)),
        )
    if (found := telling(lines_about(asked, want, compared), now)) is None:
        return replace(told, notes=(*told.notes, "no line of the file names them here"))
    line = found.line
    return replace(
        told,
        desired=line.permission if line.window.contains(now) else None,
        source=line.source,
        share_set=found.share_set,
        window=line.window,
        notes=(*told.notes, *_reason(line.reason), *_out_of_time(line.window, now)),
    )


def _out_of_time(window: Window, now: datetime) -> tuple[str, ...]:
    if window.contains(now):
        return ()
    return (f"the time of its line is {'over' if window.is_closed(now) else 'still to come'}",)


def _reason(reason: str | None) -> tuple[str, ...]:
    return () if reason is None else (f"the line's reason: {reason}",)


def _with_plan(
    told: Explanation,
    want: DesiredCollection,
    plan: CollectionPlan,
    compared: Comparison,
    now: datetime,
) -> Explanation:
    """Add what the plan does about it, what is held, and what comes next."""
    change = next((each for each in plan.changes if each.principal == told.asked), None)
    # What holds the collection back holds every share of it.
    hold = (change.hold or plan.hold) if change is not None else None
    return replace(
        told,
        source=told.source or (change.source if change is not None else None),
        hold=hold,
        next=_next(told.asked, change, want, compared, now),
        notes=(*told.notes, *_notes(told, want, plan, compared), *_held(hold, compared)),
        complete=told.complete and plan.status is not Status.UNREADABLE,
    )


def _next(
    asked: Asked,
    change: Change | None,
    want: DesiredCollection,
    compared: Comparison,
    now: datetime,
) -> Coming | None:
    if change is not None:
        return Coming(change)
    return coming(asked, want, compared, now) if isinstance(asked, Principal) else None


def _notes(
    told: Explanation, want: DesiredCollection, plan: CollectionPlan, compared: Comparison
) -> Iterator[str]:
    """Why nothing is done, or cannot be."""
    if plan.status is not Status.OK:
        yield f"the collection is {plan.status}: {plan.reason}"
    if plan.action is Doing.CREATE:
        yield "the collection is not there yet, and will be created"
    if isinstance(told.asked, Reference):
        found = compared.who.resolve(told.asked)
        yield found.detail if isinstance(found, NotOne) else ""
        return
    yield from (wording.why_alone(left) for left in plan.left_alone if left.principal == told.asked)
    if told.asked in want.contested:
        yield want.contested[told.asked]


def _held(hold: str | None, compared: Comparison) -> Iterator[str]:
    for each in compared.plan.holds:
        if each.id == hold:
            yield f"held by the guard {each.guard}: {each.detail}"
