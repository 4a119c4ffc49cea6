"""Passes on record as text: a line each, or one with everything it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.core.document import instant
from reconciler.core.outcome import Result
from reconciler.questions.history import Account
from reconciler.report import rows
from reconciler.report.columns import padded, widths
from reconciler.report.ink import Ink, Tone
from reconciler.report.safe import printable
from reconciler.report.wording import counted
from reconciler.state.records import ChangeRecord, CreationRecord, PassRecord

_SIGNS = (("create", "+"), ("update", "~"), ("destroy", "-"))


def listed(passes: Sequence[PassRecord]) -> str:
    """One line a pass: its id, when it began, what it was, how it ended, what it planned."""
    cells = [
        (each.id, instant(each.started_at), each.kind, each.verdict.value, gist(each.summary))
        for each in passes
    ]
    columns = widths(cells)
    lines = (
        "  ".join(padded(cell, width) for cell, width in zip(line, columns, strict=True)).rstrip()
        for line in cells
    )
    return "".join(f"{line}\n" for line in lines)


def told(account: Account, *, colour: bool) -> str:
    """Everything one pass did."""
    ink, record = Ink(colour), account.record
    blocks = [_heading(record, ink), _holds(account.holds, ink)]
    blocks += [_creation(each, ink) for each in record.creations]
    for name, changes in _by_collection(record.changes):
        shown = [
            rows.planned(each.change)
            if each.outcome is None
            else rows.ended(each.change, each.outcome)
            for each in changes
        ]
        id = changes[0].collection_id
        blocks.append([f"{ink(f'“{printable(name)}”', Tone.TITLE)}  id {id}"])
        blocks[-1] += rows.aligned(shown, ink)
    blocks.append([f"! {printable(str(each.get('message')))}" for each in account.warnings])
    if not record.changes and not record.creations:
        blocks.append(["It sent nothing to Studio."])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def gist(summary: Mapping[str, object]) -> str:
    """What a pass planned, in a few signs; nothing where it did not get that far."""
    if not summary:
        return ""
    parts = [f"{sign}{summary[key]}" for key, sign in _SIGNS if summary.get(key)]
    if made := summary.get("create_collection"):
        parts.insert(0, f"{counted(int(str(made)), 'new collection')}")
    rest = ("held", "unresolved", "unreadable")
    parts += [f"{summary[key]} {key}" for key in rest if summary.get(key)]
    return ", ".join(parts) or "nothing to do"


def _heading(record: PassRecord, ink: Ink) -> list[str]:
    ended = f", ended {instant(record.finished_at)}" if record.finished_at else ""
    lines = [
        f"{ink(record.id, Tone.TITLE)} · {record.kind} · {record.verdict}",
        f"  began {instant(record.started_at)}{ended}, by {printable(record.holder)}",
    ]
    if record.commit is not None:
        lines.append(f"  of commit {record.commit}")
    if planned := gist(record.summary):
        lines.append(f"  planned: {planned}")
    return lines


def _holds(holds: Iterable[Mapping[str, object]], ink: Ink) -> list[str]:
    lines: list[str] = []
    for each in holds:
        lines.append(f"{ink(rows.HELD, Tone.HOLDS)} {each['hold']}  {each['guard']}")
        lines.append(f"    {printable(str(each['detail']))}")
    return ["Held back by guards", *lines] if lines else []


def _creation(record: CreationRecord, ink: Ink) -> list[str]:
    outcome = record.outcome
    mark = ink(rows.MARKS[outcome.result], rows.MARK_TONES[outcome.result]) if outcome else " "
    owner = f"owner user:{record.owner_id}" if record.owner_id else "owner: the token's own user"
    id = f" · id {record.collection_id}" if record.collection_id else ""
    ending = rows.ending(outcome) if outcome else "in hand"
    done = outcome is not None and outcome.result is Result.APPLIED
    fate = "created" if done else "to be created"
    words = " · ".join(filter(None, [f"{fate}{id}", owner, printable(ending)]))
    return [f"{mark} + “{printable(record.name)}”  {words}"]


def _by_collection(
    changes: Iterable[ChangeRecord],
) -> Iterable[tuple[str, tuple[ChangeRecord, ...]]]:
    groups: dict[int | str, list[ChangeRecord]] = {}
    for each in changes:
        groups.setdefault(each.collection_id or each.collection_name, []).append(each)
    return ((group[0].collection_name, tuple(group)) for group in groups.values())
