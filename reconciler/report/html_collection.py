"""One collection in a page: its facts, what is wrong with it, its changes, what is left alone."""

from __future__ import annotations

from reconciler.core.model import Status
from reconciler.core.plan import CollectionPlan, LeftAlone
from reconciler.core.reach import Turn
from reconciler.report import outlook, wording
from reconciler.report.html_table import shares
from reconciler.report.markup import Markup, element


def collection_card(collection: CollectionPlan, turned: Turn | None = None) -> Markup:
    """Show a collection with everything the plan says of it, and whose access changes there."""
    routine = [left for left in collection.left_alone if not wording.differs(left)]
    telling = [left for left in collection.left_alone if wording.differs(left)]
    return element(
        "article",
        element("h3", element("bdi", collection.name)),
        _facts(collection),
        _standing(collection),
        _turn(turned) if turned is not None and turned.is_any else None,
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


def _turn(turned: Turn) -> Markup:
    return element("p", f"{outlook.turn(turned)}.", class_="turn")


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
