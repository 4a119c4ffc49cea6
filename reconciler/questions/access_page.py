"""Who can see what, as one HTML file that needs nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from reconciler.core.model import OWNER, PrincipalType
from reconciler.core.observed import LiveCollection
from reconciler.questions.access import Access, Row
from reconciler.questions.access_text import AS_SEEN
from reconciler.report.html_parts import filter_box, tiles
from reconciler.report.markup import Child, Markup, element, joined
from reconciler.report.page import page
from reconciler.report.wording import counted

_COLUMNS = ("Kind", "Who", "Permission", "Through", "File")
_HEADING = "Who"


def render(access: Access, studio: str, at: datetime) -> str:
    """Show the rows by collection, what was not read before them."""
    return page(
        f"Access in {studio}",
        element("a", "Skip to the collections", class_="skip", href="#collections"),
        _masthead(access, studio),
        element("main", _unreadable(access), _collections(access)),
        element("footer", element("p", f"{studio} · {at:%Y-%m-%d %H:%M} UTC")),
    )


def _masthead(access: Access, studio: str) -> Markup:
    return element(
        "header",
        element("p", studio, class_="tenant"),
        element("h1", "Who can see what"),
        element("p", AS_SEEN, class_="verdict"),
        _counts(access.rows),
    )


def _counts(rows: Iterable[Row]) -> Markup:
    told = tuple(rows)
    users = {row.principal for row in told if row.principal.type is PrincipalType.USER}
    groups = {row.principal for row in told if row.principal.type is PrincipalType.GROUP}
    direct = [row for row in told if row.via is None and row.permission != OWNER]
    return tiles(
        ("same", "collections", len({row.collection.id for row in told})),
        ("same", "people", len(users)),
        ("same", "groups", len(groups)),
        ("same", "shares", len(direct)),
        ("update", "shares with edit", sum(str(row.permission) == "edit" for row in direct)),
        ("destroy", "shares not in the file", sum(not row.in_file for row in direct)),
    )


def _unreadable(access: Access) -> Markup | None:
    if access.complete:
        return None
    return element(
        "section",
        element("h2", "Not read"),
        element("ul", *(element("li", str(gap)) for gap in access.unreadable)),
        class_="warnings",
    )


def _collections(access: Access) -> Markup:
    by_collection = groupby(access.rows, key=lambda row: row.collection)
    return element(
        "section",
        element("h2", "Collections"),
        filter_box() if access.rows else element("p", "Nobody, as far as this token can see."),
        *(_collection(live, tuple(rows)) for live, rows in by_collection),
        id="collections",
    )


def _collection(live: LiveCollection, rows: tuple[Row, ...]) -> Markup:
    people = {row.principal for row in rows if row.principal.type is PrincipalType.USER}
    facts = (f"id {live.id}", counted(len(people), "person", "people"))
    heads = element("tr", *(element("th", name, scope="col") for name in _COLUMNS))
    return element(
        "article",
        element("h3", element("bdi", live.name or "(without a name)")),
        element("ul", *(element("li", fact) for fact in facts), class_="facts"),
        element(
            "table",
            element("caption", f"Who can see {live.name or live.id}"),
            element("thead", heads),
            element("tbody", *map(_row, rows)),
        ),
        class_="collection",
    )


def _row(row: Row) -> Markup:
    cells: tuple[Child, ...] = (
        row.principal.type.value,
        _who(row),
        str(row.permission),
        "" if row.via is None else str(row.via),
        "in the file" if row.in_file else element("strong", "not in the file"),
    )
    told = zip(_COLUMNS, cells, strict=True)
    kind = "alone" if row.via is not None else "update" if row.permission == "edit" else "same"
    return element("tr", *(_cell(column, cell) for column, cell in told), class_=kind)


def _cell(column: str, content: Child) -> Markup:
    if column == _HEADING:
        return element("th", content, scope="row")
    return element("td", content, class_="permission" if column == "Permission" else "remarks")


def _who(row: Row) -> Markup:
    called = ", ".join(filter(None, (row.name, row.email))) or str(row.principal)
    name = element("bdi", called)
    told = str(row.principal)
    return name if called == told else joined(name, " ", element("small", told))
