"""Parts that several pages share: tiles of counts, and the box that filters."""

from __future__ import annotations

from reconciler.report.markup import Markup, element


def tiles(*counts: tuple[str, str, int]) -> Markup:
    """Show numbers side by side, each as its tone (a class of the style), its label, itself."""
    return element("dl", *(_tile(*each) for each in counts), class_="counts")


def _tile(tone: str, label: str, number: int) -> Markup:
    return element(
        "div",
        element("dt", label),
        element("dd", f"{number:,}"),
        class_=f"count {tone}" if number else "count none",
    )


def filter_box() -> Markup:
    """Shown by the page's script, which it is of no use without."""
    return element(
        "div",
        element("label", "Filter by collection or person", for_="filter"),
        element("input", id="filter", type="search", autocomplete="off", spellcheck="false"),
        element("p", id="found", role="status"),
        class_="filter",
        hidden=True,
    )
