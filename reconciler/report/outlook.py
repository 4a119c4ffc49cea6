"""
What a plan means beyond its rows, in the words every format uses.

Why there is a change at all, whose access it changes, and what goes by itself
before long. Nothing here is escaped.
"""

from __future__ import annotations

from collections import Counter

from reconciler.core.forecast import HORIZON
from reconciler.core.plan import Cause, Change, Expiry, Plan
from reconciler.core.reach import Reach, Turn
from reconciler.report.wording import counted, levels, listed

CAUSES = {Cause.FILE: "this change", Cause.DRIFT: "drifted"}
EXPIRING = f"Expiring within {HORIZON.days} days"
NOBODY = "Nobody gains or loses access"

_TALLIED = {Cause.FILE: "by this change", Cause.DRIFT: "drifted"}


def cause(change: Change) -> str:
    """Whether the edit of the file or what happened in Studio is behind it, in a word or two."""
    return CAUSES[change.cause] if change.cause is not None else ""


def causes(plan: Plan) -> str:
    """Count the changes by what is behind them; nothing where that was not asked for."""
    tally = Counter(change.cause for _, change in plan.changes())
    told = [f"{tally[each]} {word}" for each, word in _TALLIED.items() if tally[each]]
    return f"{', '.join(told)}." if told else ""


# --- people --------------------------------------------------------------------------


def people(reach: Reach | None, plan: Plan) -> str:
    """Say how many people gain and lose access, and what that count leaves out."""
    if reach is None or not any(plan.changes()):
        return ""
    gaps = ["what is held not counted"] if any(each.hold for _, each in plan.changes()) else []
    if reach.unread:
        members = f"members of {counted(len(reach.unread), 'group')}"
        gaps.append(f"{members} could not be read: {listed(reach.unread)}")
    aside = f" ({'; '.join(gaps)})" if gaps else ""
    return f"{turn(reach.people) or NOBODY}{aside}."


def turn(turned: Turn) -> str:
    """Say how many go which way: `12 people gain access, 3 lose it`; nothing if nobody does."""
    lose = ("loses it", "lose it") if turned.gain else ("loses access", "lose access")
    ways = (
        (turned.gain, "gains access", "gain access"),
        (turned.lose, *lose),
        (turned.raised, "is raised to edit", "are raised to edit"),
        (turned.lowered, "is lowered to view", "are lowered to view"),
    )
    told: list[str] = []
    for ids, one, many in ways:
        if ids:
            whom = str(len(ids)) if told else counted(len(ids), "person", "people")
            told.append(f"{whom} {one if len(ids) == 1 else many}")
    return ", ".join(told)


# --- what goes by itself -----------------------------------------------------------------


def closing(expiry: Expiry) -> str:
    """The instant from which a share is no longer desired, in UTC."""
    return f"{expiry.closes:%Y-%m-%dT%H:%MZ}"


def loss(expiry: Expiry) -> str:
    """The level that goes, and what other lines leave of it."""
    return levels(expiry.permission, expiry.remaining)
