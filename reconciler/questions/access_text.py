"""Who can see what, as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import groupby

from reconciler.core.document import Document
from reconciler.core.model import PrincipalType
from reconciler.questions.access import Access, Row
from reconciler.questions.mentions import Mention
from reconciler.report.columns import padded, widths
from reconciler.report.ink import Ink, Tone
from reconciler.report.safe import printable
from reconciler.report.wording import counted

COLUMNS = (
    "collection_id",
    "collection",
    "principal_type",
    "principal_id",
    "principal",
    "email",
    "permission",
    "via",
    "in_file",
)
MENTION_COLUMNS = ("source", "where", "who", "permission")
AS_SEEN = "This shows what this token can see; there may be more."
# What a spreadsheet takes for the beginning of a formula, in the wide forms of East Asia too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def record(row: Row) -> Document:
    """A row under the names of the columns; what is not known is None."""
    return {
        "collection_id": row.collection.id,
        "collection": row.collection.name,
        "principal_type": row.principal.type.value,
        "principal_id": row.principal.id,
        "principal": row.name,
        "email": row.email,
        "permission": str(row.permission),
        "via": "direct" if row.via is None else str(row.via),
        "in_file": "yes" if row.in_file else "no",
    }


def document(access: Access) -> Document:
    """All rows as plain data, and what could not be read."""
    return {
        "rows": [record(row) for row in access.rows],
        "complete": access.complete,
        "unreadable": [{"what": gap.what, "reason": gap.reason} for gap in access.unreadable],
    }


def mention_record(mention: Mention) -> Document:
    return {
        "source": mention.source.short,
        "where": mention.where,
        "who": mention.written,
        "permission": mention.permission,
    }


def table(columns: Sequence[str], records: Iterable[Document]) -> str:
    """CSV with a header. A name that a spreadsheet would run is shown with a quote before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(each[column]) for column in columns] for each in records)
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    is_formula = text.lstrip(" ").startswith(_FORMULA)
    return printable(f"'{text}" if is_formula else text)


def render(access: Access, *, colour: bool) -> str:
    """Tell it for people: a block for each collection, then what the answer rests on."""
    ink = Ink(colour)
    wide = widths([_cells(row) for row in access.rows]) if access.rows else []
    blocks = []
    for live, rows in groupby(access.rows, key=lambda row: row.collection):
        title = printable(f"“{live.name or ''}”")
        head = f"{ink(title, Tone.TITLE)}  id {live.id}"
        blocks.append("\n".join([head, *(_line(row, wide, ink) for row in rows)]))
    return "\n\n".join([*blocks, ink(_closing(access), Tone.QUIET)]) + "\n"


def _line(row: Row, wide: Sequence[int], ink: Ink) -> str:
    cells = (padded(cell, width) for cell, width in zip(_cells(row), wide, strict=True))
    note = "" if row.in_file else ink("not in the file", Tone.ALTERS)
    return f"    {'  '.join(cells)}  {note}".rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    via = "" if row.via is None else f"through {row.via}"
    who = ", ".join(filter(None, (row.name, row.email))) or str(row.principal)
    return printable(who), str(row.principal), printable(str(row.permission)), via


def _closing(access: Access) -> str:
    people = {row.principal for row in access.rows if row.principal.type is PrincipalType.USER}
    collections = {row.collection.id for row in access.rows}
    told = f"{counted(len(people), 'person', 'people')}, {counted(len(collections), 'collection')}"
    return f"{told}. {AS_SEEN}"


def render_mentions(mentions: Sequence[Mention], *, colour: bool) -> str:
    """Tell the lines that name somebody, each with its place."""
    ink = Ink(colour)
    rows = [_mention_cells(each) for each in mentions]
    wide = widths(rows) if rows else []
    lines = [
        "  ".join(padded(cell, width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, ink(f"{counted(len(rows), 'line')} of the file.", Tone.QUIET)]) + "\n"


def _mention_cells(mention: Mention) -> tuple[str, ...]:
    cells = (mention.source.short, mention.where, mention.written, mention.permission or "")
    return tuple(map(printable, cells))
