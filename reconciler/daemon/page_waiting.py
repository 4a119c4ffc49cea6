"""What waits for a person, and what is about to end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from reconciler.core.model import Notice, Status
from reconciler.core.plan import Expiry, Plan
from reconciler.daemon.board import LastPass, Trouble
from reconciler.daemon.page_words import collection_link, distance, table
from reconciler.report import outlook
from reconciler.report.html_hold import hold_card
from reconciler.report.markup import Child, Markup, element, joined
from reconciler.report.wording import counted

MOST_TOLD = 50
"""Rows of one section; the whole is in the API and in the pages behind the links."""

_INSTANT = timedelta(microseconds=1)
_ENDS = {
    "failed": "failed",
    "unknown": "unknown whether it was done",
    "not_tried": "not tried",
}


def holds(last: LastPass) -> Markup | None:
    """Every hold, with the line that lets it through."""
    if not last.left.holds:
        return None
    told = last.left.holds[:MOST_TOLD]
    cards = (hold_card(hold, last.left, last.header) for hold in told)
    rest = len(last.left.holds) - len(told)
    more = element("p", f"and {rest} more", class_="rest") if rest else None
    return element("section", element("h2", "Held back by guards"), *cards, more, class_="holds")


def troubles(last: LastPass) -> Markup | None:
    """What was tried to no avail, and what could not be read."""
    unreadable = [
        element("li", collection_link(each), f" cannot be read: {each.reason or 'no reason given'}")
        for each in last.left.collections
        if each.status is Status.UNREADABLE
    ]
    items = [*map(_trouble, last.troubles), *unreadable]
    return _list("Not done", items, "warnings broken")


def _trouble(trouble: Trouble) -> Markup:
    what = f": {trouble.who}" if trouble.who is not None else ", to be created"
    error = f" ({trouble.outcome.error})" if trouble.outcome.error else ""
    ended = _ENDS.get(trouble.outcome.result, trouble.outcome.result)
    return element("li", element("bdi", trouble.collection), f"{what} {ended}{error}")


def warnings(plan: Plan) -> Markup | None:
    """The plan's warnings: unresolved names among them."""
    return _list("Warnings", [_warning(each) for each in plan.notices], "warnings")


def _warning(notice: Notice) -> Markup:
    place = joined(element("code", notice.source.short), " ") if notice.source else None
    return element("li", place, notice.message)


def _list(title: str, items: Sequence[Markup], class_: str) -> Markup | None:
    if not items:
        return None
    return element(
        "section",
        element("h2", title),
        element("ul", *items[:MOST_TOLD], *_more(len(items))),
        class_=class_,
    )


def _more(number: int) -> list[Markup]:
    return [element("li", f"and {number - MOST_TOLD} more")] if number > MOST_TOLD else []


def ending_soon(expiring: Sequence[Expiry], at: datetime, zone: tzinfo) -> Markup | None:
    """Shares whose written window closes in the next days."""
    ahead = [each for each in expiring if each.closes > at]
    if not ahead:
        return None
    rows: list[tuple[Child, ...]] = [
        (
            element("bdi", each.who),
            element("bdi", each.collection),
            outlook.loss(each),
            _last_day(each, at, zone),
            element("code", each.source.short),
        )
        for each in ahead[:MOST_TOLD]
    ]
    title = f"{outlook.EXPIRING}: {counted(len(ahead), 'share')}"
    rest = element("p", *_more(len(ahead)), class_="rest") if len(ahead) > MOST_TOLD else None
    heads = ("Who", "Collection", "Permission", "Last day", "Line")
    return element("section", element("h2", title), table(title, heads, rows), rest)


def _last_day(expiry: Expiry, at: datetime, zone: tzinfo) -> Markup:
    day = (expiry.closes - _INSTANT).astimezone(zone)
    return joined(f"{day:%Y-%m-%d} ", element("small", distance(expiry.closes - at)))
