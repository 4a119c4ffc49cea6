"""
The plan as GitHub workflow commands, each at its line of the file.

GitHub shows ten annotations of a kind for a step. So changes of one line share
an annotation as soon as there are more, and the last one tells what was folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from reconciler.core.document import Header
from reconciler.core.model import Status
from reconciler.core.plan import Cause, Change, CollectionPlan, Doing, Plan
from reconciler.errors import Location
from reconciler.report import outlook, wording
from reconciler.report.safe import annotation_message, annotation_property, clipped

MOST_OF_A_KIND = 10
"""What GitHub shows of each kind for one step."""

_LINES_TOLD = 10
_LONGEST_LINE = 400


class Kind(StrEnum):
    """GitHub's three, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One command: what it says, line by line, and for how many it stands."""

    kind: Kind
    title: str
    lines: tuple[str, ...]
    source: Location | None = None
    stands_for: int = 1

    def written(self, prefix: str) -> str:
        properties = {"title": clipped(self.title, _LONGEST_LINE)}
        if self.source is not None:
            place = {"file": _below(prefix, self.source.path), "line": str(self.source.line)}
            properties = place | properties
        told = ",".join(f"{key}={annotation_property(each)}" for key, each in properties.items())
        lines = (clipped(line, _LONGEST_LINE) for line in self.lines)
        return f"::{self.kind} {told}::{annotation_message(*lines)}\n"


def render_plan(plan: Plan, header: Header, *, prefix: str = "") -> str:
    """
    Show holds as errors, removals and warnings as warnings, all else as notices.

    `prefix` is the folder of the file within the repository: annotations name
    paths from the repository's root.
    """
    everything = list(chain(_holds(plan, header), _changes(plan), _warnings(plan)))
    kept: list[Annotation] = []
    for kind in Kind:
        # The last notice is the summary's.
        most = MOST_OF_A_KIND - (kind is Kind.NOTICE)
        kept += _fitted([each for each in everything if each.kind is kind], most)
    kept.append(_summary(plan, everything, kept))
    return "".join(each.written(prefix) for each in kept)


def _below(prefix: str, path: str) -> str:
    return f"{prefix.rstrip('/')}/{path}" if prefix else path


# --- what there is to tell ---------------------------------------------------------------


def _holds(plan: Plan, header: Header) -> Iterator[Annotation]:
    places = {each.name: each.source for each in reversed(plan.collections)}
    for hold in plan.holds:
        way_round = wording.NEVER_ACKNOWLEDGED
        if hold.can_be_acknowledged:
            way_round = f"To let it through: {wording.acknowledge_entry(hold, header)}"
        yield Annotation(
            kind=Kind.ERROR,
            title=f"Held {hold.id}: {hold.guard}, over {wording.scope(hold)}",
            lines=(hold.detail, f"Holds {wording.held_back(hold, plan)}.", way_round),
            source=places.get(hold.collection) if hold.collection is not None else None,
        )


def _warnings(plan: Plan) -> Iterator[Annotation]:
    told = set()
    for notice in plan.notices:
        told.add((notice.source, notice.code))
        yield Annotation(
            kind=Kind.WARNING, title=notice.code, lines=(notice.message,), source=notice.source
        )
    for each in plan.collections:
        # What matching had to say about an entry is among the notices already.
        known = (each.source, f"collection-{each.status}") in told
        if each.status is not Status.OK and not known:
            yield _standing(each)


def _standing(collection: CollectionPlan) -> Annotation:
    return Annotation(
        kind=Kind.WARNING,
        title=collection.name,
        lines=(": ".join(filter(None, [collection.status, collection.reason])),),
        source=collection.source,
    )


def _changes(plan: Plan) -> Iterator[Annotation]:
    for collection in plan.collections:
        if collection.action is Doing.CREATE:
            yield _creation(collection)
        for change in collection.changes:
            yield _change(collection, change)


def _creation(collection: CollectionPlan) -> Annotation:
    held = f", held {collection.hold}" if collection.hold is not None else ""
    line = f"+ the collection itself, {wording.owner(collection)}{held}"
    return Annotation(
        kind=Kind.NOTICE, title=collection.name, lines=(line,), source=collection.source
    )


def _change(collection: CollectionPlan, change: Change) -> Annotation:
    principal = str(change.principal)
    who = principal if change.who == principal else f"{change.who} {principal}"
    told = [
        f"{wording.SYMBOLS[change.action]} {who}",
        wording.levels(change.before, change.after),
        *([f"held {change.hold}"] if change.hold is not None else []),
        # On a pull request the edit is the rule: only what it did not cause is told.
        *([outlook.cause(change)] if change.cause is Cause.DRIFT else []),
        *wording.remarks(change),
    ]
    return Annotation(
        kind=Kind.WARNING if change.is_removal else Kind.NOTICE,
        title=collection.name,
        lines=(", ".join(told),),
        source=change.source,
    )


# --- making it fit ---------------------------------------------------------------------------


def _fitted(annotations: Sequence[Annotation], most: int) -> list[Annotation]:
    """Fold what stands at one line when there are too many, then keep the first ones."""
    if len(annotations) <= most:
        return list(annotations)
    by_source: dict[Location | None, list[Annotation]] = {}
    for each in annotations:
        by_source.setdefault(each.source, []).append(each)
    return [_folded(group) for group in by_source.values()][:most]


def _folded(group: Sequence[Annotation]) -> Annotation:
    if len(group) == 1:
        return group[0]
    lines = [f"{each.title}: {each.lines[0]}" for each in group]
    more = [f"… and {len(lines) - _LINES_TOLD} more"] if len(lines) > _LINES_TOLD else []
    return Annotation(
        kind=group[0].kind,
        title=f"{len(group)} together",
        lines=(*lines[:_LINES_TOLD], *more),
        source=group[0].source,
        stands_for=len(group),
    )


def _summary(
    plan: Plan, everything: Sequence[Annotation], kept: Sequence[Annotation]
) -> Annotation:
    lines = [wording.verdict(plan), outlook.causes(plan), wording.reach(plan)]
    told = sum(each.stands_for for each in kept)
    if folded := told - len(kept):
        lines.append(f"Annotations folded into others: {folded}.")
    if missing := len(everything) - told:
        lines.append(f"Annotations left out, as GitHub shows ten of a kind: {missing}.")
    return Annotation(
        kind=Kind.NOTICE, title="Studio permissions", lines=tuple(filter(None, lines))
    )
