"""Collections: what is left to be done in each, and one by one."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from reconciler.core.model import Status
from reconciler.core.plan import CollectionPlan, Doing, Plan
from reconciler.daemon.board import Snapshot
from reconciler.daemon.frame import framed
from reconciler.daemon.page_passes import heading
from reconciler.daemon.page_waiting import ending_soon
from reconciler.daemon.page_words import collection_link, handle, search_form, table
from reconciler.report import wording
from reconciler.report.html_collection import collection_card
from reconciler.report.markup import Child, Markup, element, joined
from reconciler.report.safe import printable
from reconciler.report.wording import counted

CARDS = 12
"""How many collections the status page shows in full."""

ROWS = 20
"""How many rows of each of them."""

PER_PAGE = 100
MOST_ROWS = 1000
"""How many rows of a collection its own page shows; the plan's document has them all."""


def pending(left: Plan) -> Markup | None:
    """The collections that differ from the file, the first of them in full."""
    told = [each for each in left.collections if not wording.agrees(each)]
    if not told:
        return None
    rest = [element("li", collection_link(each), f" · {_state(each)}") for each in told[CARDS:]]
    return element(
        "section",
        element("h2", f"Not as the file says: {counted(len(told), 'collection')}"),
        *(_card(each, ROWS, f"collections/{handle(each)}") for each in told[:CARDS]),
        element("ul", *rest[:PER_PAGE], class_="names") if rest else None,
    )


def _card(entry: CollectionPlan, most: int, further: str) -> Markup:
    """A collection with so many rows at most, and the way to the others."""
    shown = replace(entry, changes=entry.changes[:most], left_alone=entry.left_alone[:most])
    rest = len(entry.changes) - len(shown.changes) + len(entry.left_alone) - len(shown.left_alone)
    if not rest:
        return collection_card(entry)
    link = element("a", f"{counted(rest, 'row')} more", href=further)
    return joined(collection_card(shown), element("p", link, class_="rest"))


def agreeing(left: Plan) -> Markup:
    """Where all is well: a number, and the way to look closer."""
    agree = sum(wording.agrees(each) and not each.unresolved for each in left.collections)
    link = element("a", f"All {counted(len(left.collections), 'collection')}", href="collections")
    return element(
        "section",
        element("h2", "Collections"),
        element("p", f"{agree} of {len(left.collections)} are as the file says. ", link),
    )


def collections_page(now: Snapshot, query: str, number: int) -> str:
    """All collections of the files whose name holds the query, a page of them."""
    entries = now.last.left.collections if now.last is not None else ()
    wanted = query.casefold()
    found = [each for each in entries if wanted in each.name.casefold()]
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    studio = now.in_force.studio
    return framed(
        f"Collections · {studio}",
        heading("Collections", studio, home="."),
        element(
            "main",
            search_form("Name holds", query),
            _table(shown, len(found)),
            _further(query, number, len(found)),
            id="content",
        ),
        home="",
    )


def _table(shown: Sequence[CollectionPlan], found: int) -> Markup:
    if not shown:
        return element("p", "No such collection in the files.", class_="nothing")
    rows: list[tuple[Child, ...]] = [
        (collection_link(each), _id(each), each.mode, _state(each), _source(each)) for each in shown
    ]
    title = f"{counted(found, 'collection')}"
    return table(title, ("Collection", "Id", "Mode", "State", "Line"), rows)


def _further(query: str, number: int, found: int) -> Markup | None:
    """The ways to the pages before and after this one."""
    last = -(-found // PER_PAGE)
    near = [(number - 1, "Back"), (number + 1, "More")]
    links = [
        element("a", word, href=f"collections?{urlencode({'q': query, 'page': page})}")
        for page, word in near
        if 1 <= page <= last
    ]
    if not links:
        return None
    return element(
        "p", f"Page {number} of {last} ", *(joined(" ", each) for each in links), class_="rest"
    )


def _id(entry: CollectionPlan) -> str:
    return "" if entry.id is None else str(entry.id)


def _source(entry: CollectionPlan) -> Markup:
    return element("code", entry.source.short)


def _state(entry: CollectionPlan) -> str:
    if entry.status is not Status.OK:
        return entry.status
    if entry.action is Doing.CREATE:
        return "to be created"
    if entry.changes:
        return f"{counted(len(entry.changes), 'change')} pending"
    if entry.unresolved:
        return f"{counted(len(entry.unresolved), 'name')} unresolved"
    return "as the file says" if wording.agrees(entry) else "differs, left alone"


def find(left: Plan, wanted: str) -> CollectionPlan | None:
    """The entry whose page is called so."""
    return next((each for each in left.collections if handle(each) == wanted), None)


def collection_page(now: Snapshot, entry: CollectionPlan, at: datetime) -> str:
    """One collection: what is left to be done in it, what is left alone, what ends soon."""
    studio = now.in_force.studio
    soon = now.last.left.expiring if now.last is not None else ()
    ends = tuple(each for each in soon if each.collection == entry.name)
    return framed(
        f"{entry.name} · {studio}",
        heading(entry.name, studio, home=".."),
        element(
            "main",
            element("p", element("strong", _state(entry)), class_="state"),
            _card(entry, MOST_ROWS, "../api/v1/plan"),
            _unresolved(entry),
            ending_soon(ends, at, now.in_force.zone),
            _hint(entry),
            id="content",
        ),
        home="../",
    )


def _unresolved(entry: CollectionPlan) -> Markup | None:
    if not entry.unresolved:
        return None
    items = (
        element("li", element("bdi", who), " is nobody, or several") for who in entry.unresolved
    )
    return element("section", element("h2", "Unresolved"), element("ul", *items), class_="warnings")


def _hint(entry: CollectionPlan) -> Markup:
    # Somebody will paste it, and whoever names a collection chooses what it says.
    command = f"reconciler access --collection {shlex.quote(printable(entry.name))}"
    return joined(
        element("h2", "Who can see it"),
        element("p", "As the token sees it right now: ", element("code", command)),
    )
