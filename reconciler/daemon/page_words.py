"""Small words of the daemon's pages: times, verdicts, links, a search, tables."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from reconciler.core.document import instant
from reconciler.core.plan import CollectionPlan
from reconciler.report.markup import Markup, element
from reconciler.report.wording import counted

_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)
_JUST = timedelta(seconds=45)


def moment(when: datetime | None, now: datetime, zone: tzinfo) -> Markup:
    """An instant, by how far off it is, and exactly for whoever points at it."""
    if when is None:
        return element("span", "never", class_="quiet")
    exact = f"{when.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
    return element("time", distance(when - now), datetime=instant(when), title=exact)


def clock(when: datetime, zone: tzinfo) -> Markup:
    """An instant as the clocks of the zone show it."""
    return element("time", f"{when.astimezone(zone):%Y-%m-%d %H:%M}", datetime=instant(when))


def distance(away: timedelta) -> str:
    """How far off, in the largest unit that is whole: `3 minutes ago`, `in 2 hours`."""
    size = abs(away)
    if size < _JUST:
        return "just now" if away <= timedelta(0) else "in a moment"
    # To the nearest: 59 minutes and 50 seconds are an hour.
    unit, name = next((each for each in _UNITS if size + each[0] / 12 >= each[0]), _UNITS[-1])
    told = counted(max(1, round(size / unit)), name)
    return f"{told} ago" if away < timedelta(0) else f"in {told}"


def badge(verdict: str) -> Markup:
    """How a pass ended, in a word with its colour."""
    return element("span", verdict, class_=f"badge {verdict}")


def handle(entry: CollectionPlan) -> str:
    """What an entry's own page is called: its id, or where none is yet a digest of its key."""
    if entry.id is not None:
        return str(entry.id)
    key = f"{entry.name}\0{entry.source.short}"
    return f"new-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def collection_link(entry: CollectionPlan) -> Markup:
    """A link to an entry's page, from a page at the top."""
    return element("a", element("bdi", entry.name), href=f"collections/{handle(entry)}")


def pass_link(pass_id: str) -> Markup:
    """A link to a pass's page, from a page at the top."""
    return element("a", element("code", pass_id), href=f"passes/{quote(pass_id)}")


def search_form(label: str, query: str) -> Markup:
    """A field that narrows the page down to what holds the text, filled with what it holds now."""
    return element(
        "form",
        element("label", label, for_="q"),
        element("input", id="q", name="q", type="search", value=query, autocomplete="off"),
        element("button", "Search"),
        class_="filter",
        role="search",
    )


def table(
    caption: str, heads: tuple[str, ...], rows: list[tuple[Markup | str | None, ...]]
) -> Markup:
    """A table whose first column says what each row is about."""
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *(element("th", each, scope="col") for each in heads))),
            element("tbody", *(_row(heads, cells) for cells in rows)),
            class_="plain",
        ),
        class_="panel",
    )


def _row(heads: tuple[str, ...], cells: tuple[Markup | str | None, ...]) -> Markup:
    first, *others = cells
    told = zip(heads[1:], others, strict=True)
    return element(
        "tr",
        element("th", first, scope="row"),
        *(element("td", cell, class_=_class(head)) for head, cell in told),
    )


def _class(head: str) -> str:
    return f"col-{head.lower().replace(' ', '-')}"
