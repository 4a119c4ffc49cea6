"""
The plan as one comment on a pull request.

Counts and holds come first, what people lose is never folded, and the whole
stays under GitHub's limit: rows that do not fit are counted at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from reconciler.core.document import Header
from reconciler.core.model import Status
from reconciler.core.plan import Change, CollectionPlan, Doing, Hold, Plan
from reconciler.core.reach import Reach
from reconciler.report import outlook, wording
from reconciler.report.budget import Budget, Part
from reconciler.report.safe import clipped, markdown_block, markdown_cell, markdown_prose

MOST_CHARACTERS = 65_000
"""GitHub cuts a comment at 65,536; what is left is for whoever posts it."""

_CLOSING_ROOM = 2_500
_LONGEST_NAME = 160
_LONGEST_SENTENCE = 600
_UNFOLDED = 12
_KINDS = {
    "hold": ("hold", "holds"),
    "removal": ("removal", "removals"),
    "change": ("other change", "other changes"),
    "collection": ("collection", "collections"),
    "warning": ("warning", "warnings"),
    "expiry": ("expiry to come", "expiries to come"),
    "alone": ("share left alone", "shares left alone"),
    "acknowledged": ("acknowledged hold", "acknowledged holds"),
}


def render_plan(plan: Plan, header: Header, *, reach: Reach | None = None) -> str:
    """
    Show the plan as Markdown of at most `MOST_CHARACTERS` characters.

    `reach` is whose access changes, where the groups were unfolded.
    """
    budget = Budget(MOST_CHARACTERS - _CLOSING_ROOM)
    budget.take_all(_parts(plan, header, reach))
    return budget.text + _closing(budget, header)


def _parts(plan: Plan, header: Header, reach: Reach | None) -> Iterator[Part]:
    """The parts in the order they are shown, which is also what is kept first."""
    yield Part(kind="head", rows=(_head(plan, reach),))
    yield Part(
        kind="hold",
        opening="### Held back by guards\n\n",
        rows=tuple(_hold(hold, plan, header) for hold in plan.holds),
        most=MOST_CHARACTERS // 2,
    )
    yield from _changes(plan)
    yield from _standings(plan)
    yield _warnings(plan)
    yield _left_alone(plan)
    yield _expiring(plan)
    yield Part(kind="acknowledged", rows=tuple(_acknowledged(hold) for hold in plan.acknowledged))


def _head(plan: Plan, reach: Reach | None) -> str:
    people = _sentence(outlook.people(reach, plan))
    told = [outlook.causes(plan), wording.reach(plan), people]
    return f"## Studio permissions\n\n{' '.join(filter(None, [_verdict(plan), *told]))}\n\n"


def _verdict(plan: Plan) -> str:
    return f"**{wording.verdict(plan)}**"


def _closing(budget: Budget, header: Header) -> str:
    """The last lines: what was left out, exactly, and which plan this is."""
    lost = [
        wording.counted(number, *_KINDS[kind]) for kind, number in budget.left_out.items() if number
    ]
    note = f"**Left out for lack of room: {', '.join(lost)}.**\n\n" if lost else ""
    return f"{note}<sub>{_named(wording.origin(header))}</sub>\n"


# --- holds -------------------------------------------------------------------------------


def _hold(hold: Hold, plan: Plan, header: Header) -> str:
    title = f"{hold.guard}, over {wording.scope(hold)}"
    told = [
        f"#### ‖ {_named(hold.id)} · {_named(title)}",
        f"Holds {_sentence(wording.held_back(hold, plan))}: {_sentence(hold.detail)}.",
        _way_round(hold, header),
    ]
    return "\n\n".join(told) + "\n\n"


def _way_round(hold: Hold, header: Header) -> str:
    if not hold.can_be_acknowledged:
        return wording.NEVER_ACKNOWLEDGED
    entry = clipped(wording.acknowledge_entry(hold, header), _LONGEST_NAME)
    block = markdown_block(f"acknowledge:\n  {entry}", "yaml")
    return f"To let it through, add to the file:\n\n{block}"


def _acknowledged(hold: Hold) -> str:
    title = f"{hold.id}, {hold.guard}, over {wording.scope(hold)}"
    return f"Let through: {_named(title)}: {_sentence(hold.detail)}\n\n"


# --- changes -----------------------------------------------------------------------------


def _changes(plan: Plan) -> Iterator[Part]:
    cause = ["Cause"] if outlook.causes(plan) else []
    columns = ("", "Collection", "Who", "Permission", "Line", *cause, "Remarks")
    removals: list[str] = []
    others: list[str] = []
    for each, change in plan.changes():
        row = _change(each, change, [outlook.cause(change)] if cause else [])
        (removals if change.takes_away else others).append(row)
    yield _table("removal", "Access taken away", columns, removals, unfolded=inf)
    yield _table("change", "Other changes", columns, others)


def _change(collection: CollectionPlan, change: Change, cause: Sequence[str]) -> str:
    held = [f"‖ held {change.hold}"] if change.hold is not None else []
    return _row(
        f"`{wording.SYMBOLS[change.action]}`",
        _cell(collection.name),
        _principal(change.who, str(change.principal)),
        wording.levels(change.before, change.after),
        _cell(change.source.short),
        *cause,
        _sentence("; ".join([*held, *wording.remarks(change)])),
    )


def _principal(who: str, principal: str) -> str:
    return _cell(who) if who == principal else f"{_cell(who)} {principal}"


# --- the rest ------------------------------------------------------------------------------


def _standings(plan: Plan) -> Iterator[Part]:
    told = [
        each
        for each in plan.collections
        if each.action is Doing.CREATE or each.status is not Status.OK
    ]
    rows = [_row(_cell(each.name), _sentence(_standing(each))) for each in told]
    yield _table("collection", "Collections", ("Collection", "Standing"), rows)


def _standing(collection: CollectionPlan) -> str:
    if collection.status is not Status.OK:
        reason = f": {collection.reason}" if collection.reason else ""
        return f"{collection.status}{reason} · {' · '.join(wording.particulars(collection))}"
    held = f" · held {collection.hold}" if collection.hold is not None else ""
    return " · ".join(wording.particulars(collection)) + held


def _warnings(plan: Plan) -> Part:
    rows = [
        _row(_cell(notice.source.short) if notice.source else "", _sentence(notice.message))
        for notice in plan.notices
    ]
    return _table("warning", "Warnings", ("Line", "Warning"), rows)


def _left_alone(plan: Plan) -> Part:
    rows = [
        _row(
            _cell(each.name),
            _principal(left.who, str(left.principal)),
            _sentence(str(left.level or "none")),
            _sentence(wording.why_alone(left)),
        )
        for each in plan.collections
        for left in each.left_alone
        if wording.differs(left)
    ]
    return _table("alone", "Left alone", ("Collection", "Who", "Permission", "Why"), rows)


def _expiring(plan: Plan) -> Part:
    """What goes by itself: folded however little it is, for nothing of it is done now."""
    rows = [
        _row(
            outlook.closing(each),
            _cell(each.collection),
            _principal(each.who, str(each.principal)),
            outlook.loss(each),
            _cell(each.source.short),
        )
        for each in plan.expiring
    ]
    columns = ("Until", "Collection", "Who", "Permission", "Line")
    return _table("expiry", outlook.EXPIRING, columns, rows, unfolded=0)


# --- tables ----------------------------------------------------------------------------------


def _table(
    kind: str,
    title: str,
    columns: Sequence[str],
    rows: Sequence[str],
    *,
    unfolded: float = _UNFOLDED,
) -> Part:
    """Rows under a title that tells how many; folded when there are more than `unfolded`."""
    head = f"{_row(*columns)}{_row(*('---' for _ in columns))}"
    title = f"{title} ({len(rows)})"
    if len(rows) > unfolded:
        opening = f"<details>\n<summary><b>{title}</b></summary>\n\n{head}"
        return Part(kind=kind, opening=opening, rows=tuple(rows), closing="\n</details>\n\n")
    return Part(kind=kind, opening=f"### {title}\n\n{head}", rows=tuple(rows), closing="\n")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _cell(name: str) -> str:
    return markdown_cell(clipped(name, _LONGEST_NAME))


def _named(name: str) -> str:
    return markdown_prose(clipped(name, _LONGEST_NAME))


def _sentence(text: str) -> str:
    return markdown_prose(clipped(text, _LONGEST_SENTENCE))
