"""The parts a text report is made of: what it is about, holds, collections, warnings."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.core.document import Header
from reconciler.core.model import Notice, Status
from reconciler.core.outcome import Outcome
from reconciler.core.plan import CollectionPlan, Doing, Expiry, Hold, Plan
from reconciler.report import outlook, rows, wording
from reconciler.report.columns import padded, widths
from reconciler.report.ink import Ink, Tone
from reconciler.report.safe import printable

_EXPIRIES_TOLD = 10


def opening(plan: Plan, header: Header, ink: Ink) -> list[list[str]]:
    """Say which plan this is and, before anything else, what is held and how to let it through."""
    blocks = [[ink(printable(wording.origin(header)), Tone.QUIET)]]
    if plan.holds:
        blocks.append([ink("Held back by guards", Tone.HOLDS)])
    blocks += [_hold(hold, plan, header, ink) for hold in plan.holds]
    return [*blocks, [_acknowledged(hold, ink) for hold in plan.acknowledged]]


def _hold(hold: Hold, plan: Plan, header: Header, ink: Ink) -> list[str]:
    title = f"{hold.id}  {hold.guard}, over {wording.scope(hold)}"
    return [
        f"  {ink(rows.HELD, Tone.HOLDS)} {ink(printable(title), Tone.HOLDS)}",
        f"    {printable(hold.detail)}",
        f"    Holds {printable(wording.held_back(hold, plan))}.",
        *_way_round(hold, header, ink),
    ]


def _way_round(hold: Hold, header: Header, ink: Ink) -> list[str]:
    if not hold.can_be_acknowledged:
        return [f"    {wording.NEVER_ACKNOWLEDGED}"]
    flag = printable(wording.acknowledge_flag(hold))
    entry = printable(wording.acknowledge_entry(hold, header))
    return [
        f"    Let it through this once:  {ink(flag, Tone.TITLE)}",
        f"    or under `acknowledge:`:   {ink(entry, Tone.TITLE)}",
    ]


def _acknowledged(hold: Hold, ink: Ink) -> str:
    told = f"{hold.id}  {hold.guard}, over {wording.scope(hold)}: {hold.detail}"
    return f"{ink('Let through', Tone.TITLE)}  {printable(told)}"


def collection(
    plan: CollectionPlan, changes: Sequence[rows.Row], creation: Outcome | None, ink: Ink
) -> list[str]:
    """
    Show one collection: its heading, what is wrong with it, its changes, what is left alone.

    `creation` is how its creation ended, where that was tried or was to be.
    """
    shown = [*changes, *(rows.alone(left) for left in plan.left_alone)]
    return [_heading(plan, creation, ink), _standing(plan, ink), *rows.aligned(shown, ink)]


def _heading(plan: CollectionPlan, creation: Outcome | None, ink: Ink) -> str:
    mark, fate = _fate(plan, creation, ink)
    facts = wording.particulars(plan, fate)
    return f"{mark}{ink(f'“{printable(plan.name)}”', Tone.TITLE)}  {printable(' · '.join(facts))}"


def _fate(plan: CollectionPlan, creation: Outcome | None, ink: Ink) -> tuple[str, str]:
    """The mark before a heading, and what became of the creation where one was planned."""
    if creation is not None:
        mark = ink(rows.MARKS[creation.result], rows.MARK_TONES[creation.result])
        return f"{mark} ", rows.ending(creation) or "created"
    if plan.hold is not None:
        return f"{ink(rows.HELD, Tone.HOLDS)} ", f"to be created, held {plan.hold}"
    return (f"{ink('+', Tone.GIVES)} " if plan.action is Doing.CREATE else ""), "will be created"


def _standing(plan: CollectionPlan, ink: Ink) -> str:
    if plan.status is Status.OK:
        return f"  {printable(plan.reason)}" if plan.reason else ""
    told = ": ".join(filter(None, [plan.status, plan.reason]))
    return f"  {ink('!', Tone.ALTERS)} {printable(told)}"


def warnings(plan: Plan, ink: Ink) -> list[str]:
    """Every warning of the plan, with its line of the file where it has one."""
    return [_warning(notice, ink) for notice in plan.notices]


def _warning(notice: Notice, ink: Ink) -> str:
    place = f"{notice.source.short}: " if notice.source else ""
    return f"{ink('Warning', Tone.ALTERS)}  {printable(place + notice.message)}"


def expiring(plan: Plan, ink: Ink, *, everything: bool) -> list[str]:
    """Tell, below all that is done now, what goes by itself before long; the first few of many."""
    if not plan.expiring:
        return []
    shown = plan.expiring if everything else plan.expiring[:_EXPIRIES_TOLD]
    rest = len(plan.expiring) - len(shown)
    cells = [_expiry(each) for each in shown]
    columns = widths(cells)
    lines = ["  ".join(map(padded, row, columns)).rstrip() for row in cells]
    more = [f"… and {rest} more; -v shows all"] if rest else []
    return [outlook.EXPIRING, *(ink(f"    {line}", Tone.QUIET) for line in [*lines, *more])]


def _expiry(expiry: Expiry) -> list[str]:
    who, principal = expiry.who, str(expiry.principal)
    cells = (
        outlook.closing(expiry),
        who,
        "" if who == principal else principal,
        outlook.loss(expiry),
        expiry.source.short,
        f"“{expiry.collection}”",
    )
    return [printable(cell) for cell in cells]
