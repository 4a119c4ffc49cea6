"""
The plan as one HTML file: readable without a script, on paper and on a telephone.

What is held comes first, then what goes wrong, then every collection with
something to tell. The filter is the script's, and not there without it.
"""

from __future__ import annotations

from reconciler.core.document import Header
from reconciler.core.model import Notice, Status
from reconciler.core.plan import CollectionPlan, Hold, LeftAlone, Plan, summarize
from reconciler.report import wording
from reconciler.report.html_table import shares
from reconciler.report.markup import Markup, element, joined
from reconciler.report.page import page


def render_plan(plan: Plan, header: Header) -> str:
    """Show the plan as a whole HTML document."""
    return page(
        f"Plan for {header.studio}",
        element("a", "Skip to the changes", class_="skip", href="#changes"),
        _masthead(plan, header),
        element("main", _holds(plan, header), _warnings(plan), _changes(plan), _agreeing(plan)),
        _footer(header),
    )


# --- the top of the page -----------------------------------------------------------------


def _masthead(plan: Plan, header: Header) -> Markup:
    return element(
        "header",
        element("p", header.studio, class_="tenant"),
        element("h1", "Permissions plan"),
        element("p", wording.verdict(plan), class_="verdict"),
        element("p", wording.reach(plan), class_="reach") if wording.reach(plan) else None,
        _counts(plan),
    )


def _counts(plan: Plan) -> Markup:
    summary = summarize(plan)
    counts = [
        ("new", "new collections", summary.create_collection),
        ("create", "to create", summary.create),
        ("update", "to update", summary.update),
        ("destroy", "to destroy", summary.destroy),
        ("held", "of them held", summary.held),
        ("same", "unchanged", summary.unchanged),
    ]
    return element("dl", *(_count(*each) for each in counts), class_="counts")


def _count(name: str, label: str, number: int) -> Markup:
    return element(
        "div",
        element("dt", label),
        element("dd", f"{number:,}"),
        class_=f"count {name}" if number else "count none",
    )


def _holds(plan: Plan, header: Header) -> Markup | None:
    if not plan.holds and not plan.acknowledged:
        return None
    return element(
        "section",
        element("h2", "Held back by guards" if plan.holds else "Let through"),
        *(_hold(hold, plan, header) for hold in plan.holds),
        *(_acknowledged(hold) for hold in plan.acknowledged),
        class_="holds",
    )


def _hold(hold: Hold, plan: Plan, header: Header) -> Markup:
    if hold.can_be_acknowledged:
        lines = f"acknowledge:\n  {wording.acknowledge_entry(hold, header)}"
        way_round = joined(
            element("p", "To let it through, add to the file:"),
            # A line break is the one control character that belongs in a block of lines.
            element("pre", *_lines(lines), tabindex="0"),
            element("p", "or once: ", element("code", wording.acknowledge_flag(hold))),
        )
    else:
        way_round = element("p", wording.NEVER_ACKNOWLEDGED)
    return element(
        "article",
        element(
            "h3",
            element("code", hold.id),
            f" {hold.guard}, over ",
            element("bdi", wording.scope(hold)),
        ),
        element("p", hold.detail, "."),
        element("p", "Holds ", element("bdi", wording.held_back(hold, plan)), ".", class_="what"),
        way_round,
        class_="hold",
    )


def _lines(text: str) -> list[Markup]:
    return [joined(line, Markup("\n")) for line in text.split("\n")]


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


def _changes(plan: Plan) -> Markup:
    told = [each for each in plan.collections if not wording.agrees(each)]
    return element(
        "section",
        element("h2", "Collections"),
        _filter() if told else None,
        element("p", "Nothing to change.", class_="nothing") if not told else None,
        *(_collection(each) for each in told),
        id="changes",
    )


def _filter() -> Markup:
    """Shown by the script, which it is of no use without."""
    return element(
        "div",
        element("label", "Filter by collection or person", for_="filter"),
        element("input", id="filter", type="search", autocomplete="off", spellcheck="false"),
        element("p", id="found", role="status"),
        class_="filter",
        hidden=True,
    )


def _collection(collection: CollectionPlan) -> Markup:
    routine = [left for left in collection.left_alone if not wording.differs(left)]
    telling = [left for left in collection.left_alone if wording.differs(left)]
    return element(
        "article",
        element("h3", element("bdi", collection.name)),
        _facts(collection),
        _standing(collection),
        shares(collection, telling) if collection.changes or telling else None,
        _routine(routine) if routine else None,
        class_="collection",
    )


def _facts(collection: CollectionPlan) -> Markup:
    held = [f"held {collection.hold}"] if collection.hold is not None else []
    facts = [*wording.particulars(collection), *held]
    return element("ul", *(element("li", fact) for fact in facts), class_="facts")


def _standing(collection: CollectionPlan) -> Markup | None:
    if collection.status is Status.OK:
        return element("p", collection.reason) if collection.reason else None
    told = f": {collection.reason}" if collection.reason else ""
    return element("p", element("strong", collection.status), told, class_="standing")


def _routine(alone: list[LeftAlone]) -> Markup:
    """What is never ours to touch: there for whoever asks, folded for everybody else."""
    return element(
        "details",
        element("summary", f"{len(alone)} more left alone"),
        element("ul", *(_left_alone(left) for left in alone)),
    )


def _left_alone(left: LeftAlone) -> Markup:
    return element(
        "li",
        element("bdi", left.who),
        f" {left.principal}, {left.level or 'none'}: {wording.why_alone(left)}",
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
