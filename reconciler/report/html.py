"""
The plan as one HTML file: readable without a script, on paper and on a telephone.

What is held comes first, then what goes wrong, then every collection with
something to tell. The filter is the script's, and not there without it.
"""

from __future__ import annotations

from reconciler.core.document import Header
from reconciler.core.model import Notice
from reconciler.core.plan import Hold, Plan, summarize
from reconciler.core.reach import Reach
from reconciler.report import outlook, wording
from reconciler.report.html_collection import collection_card
from reconciler.report.html_forecast import forecast
from reconciler.report.html_hold import hold_card
from reconciler.report.html_parts import filter_box, tiles
from reconciler.report.markup import Markup, element, joined
from reconciler.report.page import page


def render_plan(plan: Plan, header: Header, *, reach: Reach | None = None) -> str:
    """
    Show the plan as a whole HTML document.

    `reach` is whose access changes, where the groups were unfolded.
    """
    return page(
        f"Plan for {header.studio}",
        element("a", "Skip to the changes", class_="skip", href="#changes"),
        _masthead(plan, header, reach),
        element(
            "main",
            _holds(plan, header),
            _warnings(plan),
            _changes(plan, reach),
            forecast(plan),
            _agreeing(plan),
        ),
        _footer(header),
    )


# --- the top of the page -----------------------------------------------------------------


def _masthead(plan: Plan, header: Header, reach: Reach | None) -> Markup:
    told = (outlook.causes(plan), wording.reach(plan), outlook.people(reach, plan))
    items = [element("li", sentence) for sentence in told if sentence]
    return element(
        "header",
        element("p", header.studio, class_="tenant"),
        element("h1", "Permissions plan"),
        element("p", wording.verdict(plan), class_="verdict"),
        element("ul", *items, class_="told") if items else None,
        _counts(plan),
    )


def _counts(plan: Plan) -> Markup:
    summary = summarize(plan)
    return tiles(
        ("new", "new collections", summary.create_collection),
        ("create", "to create", summary.create),
        ("update", "to update", summary.update),
        ("destroy", "to destroy", summary.destroy),
        ("held", "of them held", summary.held),
        ("same", "unchanged", summary.unchanged),
    )


def _holds(plan: Plan, header: Header) -> Markup | None:
    if not plan.holds and not plan.acknowledged:
        return None
    return element(
        "section",
        element("h2", "Held back by guards" if plan.holds else "Let through"),
        *(hold_card(hold, plan, header) for hold in plan.holds),
        *(_acknowledged(hold) for hold in plan.acknowledged),
        class_="holds",
    )


def _acknowledged(hold: Hold) -> Markup:
    return element(
        "p",
        element("strong", "Let through: "),
        element("code", hold.id),
        f" {hold.guard}, over {wording.scope(hold)}: {hold.detail}.",
        class_="through",
    )


def _warnings(plan: Plan) -> Markup | None:
    if not plan.notices:
        return None
    return element(
        "section",
        element("h2", "Warnings"),
        element("ul", *(_warning(notice) for notice in plan.notices)),
        class_="warnings",
    )


def _warning(notice: Notice) -> Markup:
    place = joined(element("code", notice.source.short), " ") if notice.source else None
    return element("li", place, notice.message)


# --- collections -----------------------------------------------------------------------------


def _changes(plan: Plan, reach: Reach | None) -> Markup:
    turns = reach.turns if reach is not None else {}
    told = [each for each in plan.collections if not wording.agrees(each)]
    return element(
        "section",
        element("h2", "Collections"),
        filter_box() if told else None,
        element("p", "Nothing to change.", class_="nothing") if not told else None,
        *(collection_card(each, turns.get(each.key)) for each in told),
        id="changes",
    )


def _agreeing(plan: Plan) -> Markup | None:
    agreeing = [each for each in plan.collections if wording.agrees(each)]
    if not agreeing:
        return None
    title = f"{wording.counted(len(agreeing), 'collection')} in agreement"
    names = (element("li", element("bdi", each.name)) for each in agreeing)
    return element("details", element("summary", title), element("ul", *names), class_="agreeing")


def _footer(header: Header) -> Markup:
    when = f"{header.created_at:%Y-%m-%d %H:%M} {header.created_at.tzname() or ''}".rstrip()
    return element("footer", element("p", f"{wording.origin(header)} · {when}"))
