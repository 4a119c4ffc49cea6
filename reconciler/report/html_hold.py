"""One hold in a page: what it keeps back, why, and the line that lets it through."""

from __future__ import annotations

from reconciler.core.document import Header
from reconciler.core.plan import Hold, Plan
from reconciler.report import wording
from reconciler.report.markup import Markup, element, joined


def hold_card(hold: Hold, plan: Plan, header: Header) -> Markup:
    """Show a hold of this plan."""
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
        _way_round(hold, header),
        class_="hold",
    )


def _way_round(hold: Hold, header: Header) -> Markup:
    if not hold.can_be_acknowledged:
        return element("p", wording.NEVER_ACKNOWLEDGED)
    lines = f"acknowledge:\n  {wording.acknowledge_entry(hold, header)}"
    return joined(
        element("p", "To let it through, add to the file:"),
        # A line break is the one control character that belongs in a block of lines.
        element("pre", *_lines(lines), tabindex="0"),
        element("p", "or once: ", element("code", wording.acknowledge_flag(hold))),
    )


def _lines(text: str) -> list[Markup]:
    return [joined(line, Markup("\n")) for line in text.split("\n")]
