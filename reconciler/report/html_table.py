"""The table of one collection in the page: its changes, then what differs and is left alone."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.core.plan import Change, CollectionPlan, LeftAlone
from reconciler.report import outlook, wording
from reconciler.report.markup import Child, Markup, element, joined

_COLUMNS = ("Action", "Who", "Permission", "Line", "Remarks")
_HEADING = "Who"


def shares(collection: CollectionPlan, alone: Sequence[LeftAlone]) -> Markup:
    """Show one row a share, under a caption for those who cannot see the heading above."""
    heads = element("tr", *(element("th", name, scope="col") for name in _COLUMNS))
    rows = [*map(_change, collection.changes), *map(_alone, alone)]
    return element(
        "table",
        element("caption", f"Changes to {collection.name}"),
        element("thead", heads),
        element("tbody", *rows),
    )


def _change(change: Change) -> Markup:
    held = element("strong", f"held {change.hold}", class_="hold-id") if change.hold else None
    cause = element("span", outlook.cause(change), class_="cause") if change.cause else None
    remarks = "; ".join(wording.remarks(change))
    sign = element("span", wording.SYMBOLS[change.action], class_="sign", aria_hidden="true")
    return _row(
        " ".join(filter(None, [change.action, "held" if held else "", change.cause])),
        joined(sign, change.action),
        who_cell(change.who, str(change.principal)),
        wording.levels(change.before, change.after),
        element("code", change.source.short),
        joined(held, " " if held else None, cause, " " if cause else None, remarks),
    )


def _alone(left: LeftAlone) -> Markup:
    return _row(
        "alone",
        "left alone",
        who_cell(left.who, str(left.principal)),
        str(left.level or "none"),
        None,
        wording.why_alone(left),
    )


def _row(kind: str, *cells: Child) -> Markup:
    told = zip(_COLUMNS, cells, strict=True)
    return element("tr", *(_cell(column, cell) for column, cell in told), class_=kind)


def _cell(column: str, content: Child) -> Markup:
    if column == _HEADING:
        return element("th", content, scope="row")
    return element("td", content, class_=column.lower())


def who_cell(who: str, principal: str) -> Markup:
    """Name somebody, with the id beside the name; an id that has no other name stands alone."""
    name = element("bdi", who)
    return name if who == principal else joined(name, " ", element("small", principal))
