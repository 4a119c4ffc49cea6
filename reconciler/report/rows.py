"""The rows of one collection in text: a mark, a sign, columns that line up, a remark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Action, Change, LeftAlone
from reconciler.report import outlook, wording
from reconciler.report.columns import padded, widths
from reconciler.report.ink import Ink, Tone
from reconciler.report.safe import printable

HELD = "‖"
MARKS = {
    Result.APPLIED: "✓",
    Result.FAILED: "✗",
    Result.UNKNOWN: "?",
    Result.NOT_TRIED: "·",
}
TONES = {Action.CREATE: Tone.GIVES, Action.UPDATE: Tone.ALTERS, Action.DESTROY: Tone.TAKES}
MARK_TONES = {
    Result.APPLIED: Tone.GIVES,
    Result.FAILED: Tone.TAKES,
    Result.UNKNOWN: Tone.ALTERS,
    Result.NOT_TRIED: Tone.QUIET,
}
_ENDINGS = {
    Result.APPLIED: "",
    Result.FAILED: "failed",
    Result.UNKNOWN: "unknown whether it was done",
    Result.NOT_TRIED: "not tried",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: the mark says whether it goes ahead, the sign what it is."""

    sign: str
    cells: tuple[str, str, str, str]
    remarks: tuple[str, ...]
    tone: Tone
    mark: str = " "
    mark_tone: Tone = Tone.HOLDS


def planned(change: Change) -> Row:
    """Show a change as it stands in the plan, marked when it is held."""
    if change.hold is None:
        return _row(change, " ", Tone.HOLDS, ())
    return _row(change, HELD, Tone.HOLDS, (f"held {change.hold}",))


def ended(change: Change, outcome: Outcome | None) -> Row:
    """Show a change with its outcome; one that is None was held back."""
    if outcome is None:
        return planned(change)
    mark, tone = MARKS[outcome.result], MARK_TONES[outcome.result]
    return _row(change, mark, tone, tuple(filter(None, [ending(outcome)])))


def ending(outcome: Outcome) -> str:
    """Say how something ended, with the error where there is one; nothing when it was applied."""
    return ": ".join(filter(None, [_ENDINGS[outcome.result], outcome.error]))


def _row(change: Change, mark: str, mark_tone: Tone, first: tuple[str, ...]) -> Row:
    return Row(
        mark=mark,
        mark_tone=mark_tone,
        sign=wording.SYMBOLS[change.action],
        cells=(
            change.who,
            str(change.principal),
            wording.levels(change.before, change.after),
            change.source.short,
        ),
        remarks=(*first, *filter(None, [outlook.cause(change)]), *wording.remarks(change)),
        tone=TONES[change.action],
    )


def alone(left: LeftAlone) -> Row:
    """Show a share that the plan leaves alone, and why."""
    return Row(
        sign="·",
        cells=(left.who, str(left.principal), str(left.level or "none"), ""),
        remarks=(wording.why_alone(left),),
        tone=Tone.QUIET,
    )


def aligned(rows: Sequence[Row], ink: Ink) -> list[str]:
    """Write the rows one below the other, every column as wide as its widest cell."""
    cells = [_shown(row) for row in rows]
    columns = widths(cells)
    return [_line(row, shown, columns, ink) for row, shown in zip(rows, cells, strict=True)]


def _shown(row: Row) -> list[str]:
    who, principal, *rest = map(printable, row.cells)
    # An id that the file names has no other name: once is enough.
    return [who, "" if who == principal else principal, *rest]


def _line(row: Row, cells: list[str], columns: list[int], ink: Ink) -> str:
    who, principal, level, source = (
        padded(cell, width) for cell, width in zip(cells, columns, strict=True)
    )
    parts = [
        f"  {ink(row.mark, row.mark_tone)} {ink(row.sign, row.tone)}",
        who,
        f" {ink(principal, Tone.QUIET)} ",
        ink(level, row.tone),
        f" {ink(source, Tone.QUIET)}",
        f" {printable('  '.join(row.remarks))}",
    ]
    return " ".join(parts).rstrip()
