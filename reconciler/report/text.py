"""The plan, and what became of it, as text for a terminal or a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from reconciler.core.document import Header
from reconciler.core.outcome import Outcome, Outcomes, Result
from reconciler.core.plan import Change, CollectionPlan, Doing, Plan
from reconciler.core.reach import Reach
from reconciler.report import outlook, rows, sections, wording
from reconciler.report.ink import Ink, Tone
from reconciler.report.safe import printable

_NOT_TRIED = Outcome(Result.NOT_TRIED)
_ENDS = {
    Result.APPLIED: "applied",
    Result.FAILED: "failed",
    Result.UNKNOWN: "unknown",
    Result.NOT_TRIED: "not tried",
}


def render_plan(
    plan: Plan,
    header: Header,
    *,
    colour: bool,
    verbose: bool = False,
    reach: Reach | None = None,
) -> str:
    """
    Show what the plan would do: holds first, then every change, then the counts.

    Collections on which file and Studio agree are told only when verbose.
    `reach` is whose access changes, where the groups were unfolded.
    """
    ink = Ink(colour)
    blocks = sections.opening(plan, header, ink)
    for collection in plan.collections:
        if verbose or not wording.agrees(collection):
            shown = [rows.planned(change) for change in collection.changes]
            blocks.append(sections.collection(collection, shown, None, ink))
    blocks += [sections.warnings(plan, ink), sections.expiring(plan, ink, everything=verbose)]
    counts = [outlook.causes(plan), wording.reach(plan), printable(outlook.people(reach, plan))]
    return _joined([*blocks, [ink(wording.verdict(plan), Tone.TITLE), *counts]])


def render_result(
    plan: Plan,
    outcomes: Outcomes,
    header: Header,
    *,
    colour: bool,
    seconds: float,
    requests: int,
    shown: Plan | None = None,
) -> str:
    """
    Show what became of each change: applied, failed, unknown, not tried or held.

    `shown` is the plan that the reader has before their eyes: what stands there
    and went as it says is not told a second time.
    """
    ink = Ink(colour)
    blocks = sections.opening(plan, header, ink) if shown is None else []
    for collection in plan.collections:
        ended = [
            (change, _share(collection, change, outcomes))
            for change in _news(collection, outcomes, shown)
        ]
        told = [rows.ended(change, outcome) for change, outcome in ended]
        creation = _creation(collection, outcomes)
        if told or creation is not None or (shown is None and not wording.agrees(collection)):
            body = collection if shown is None else replace(collection, left_alone=())
            blocks.append(sections.collection(body, told, creation, ink))
    effort = f"{seconds:.1f} s, {wording.counted(requests, 'request')}"
    closing = [ink(f"{_tally(plan, outcomes)}; {effort}.", Tone.TITLE)]
    warnings = _new_warnings(plan, shown)
    return _joined([*blocks, sections.warnings(warnings, ink), closing])


def _news(collection: CollectionPlan, outcomes: Outcomes, shown: Plan | None) -> Iterator[Change]:
    """The changes to tell: all, or those that did not simply go as the shown plan says."""
    before = {
        (key.key, change.principal): change
        for key, change in (shown.changes() if shown is not None else ())
    }
    for change in collection.changes:
        known = before.get((collection.key, change.principal))
        outcome = _share(collection, change, outcomes)
        went_well = outcome is None or outcome.result is Result.APPLIED
        if known != change or not went_well:
            yield change


def _new_warnings(plan: Plan, shown: Plan | None) -> Plan:
    told = set(shown.notices) if shown is not None else set()
    return replace(plan, notices=tuple(each for each in plan.notices if each not in told))


def _joined(blocks: list[list[str]]) -> str:
    paragraphs = ["\n".join(filter(None, block)) for block in blocks]
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _share(collection: CollectionPlan, change: Change, outcomes: Outcomes) -> Outcome | None:
    """How a change ended; None when it was held back."""
    known = outcomes.shares.get((collection.key, change.principal))
    return known or (None if change.hold is not None else _NOT_TRIED)


def _creation(collection: CollectionPlan, outcomes: Outcomes) -> Outcome | None:
    """How the creation of a collection ended; None when it was held back, or none was planned."""
    if collection.action is Doing.NONE:
        return None
    known = outcomes.collections.get(collection.key)
    return known or (None if collection.hold is not None else _NOT_TRIED)


def _tally(plan: Plan, outcomes: Outcomes) -> str:
    """Count the ends; a collection that was to be created counts as one."""
    ends = [_share(each, change, outcomes) for each, change in plan.changes()]
    ends += [_creation(each, outcomes) for each in plan.collections if each.action is Doing.CREATE]
    if not ends:
        return wording.verdict(plan).removesuffix(".")
    tally = Counter(end.result if end else None for end in ends)
    parts = [f"{tally[result]} {word}" for result, word in _ENDS.items()]
    return f"Result: {', '.join([*parts, f'{tally[None]} held'])}"
