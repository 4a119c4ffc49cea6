"""A figure: what was measured, what it may be, and the least that could do the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One line of the table.

    `limit` is what the value may at most be, or has to be at least (`at_least`).
    `floor` is what the same machine needed, in the same minute, for the least
    that could do the work; None where a figure speaks for itself.
    """

    what: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def is_kept(self) -> bool:
        """Whether the limit is kept; a figure without one keeps it."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def document(figures: Iterable[Figure], before: Mapping[str, Figure]) -> list[dict[str, Any]]:
    """The figures as plain data, each with its ratio and what it was before."""
    return [
        asdict(each)
        | {
            "ratio": each.ratio,
            "kept": each.is_kept,
            "before": before[each.what].value if each.what in before else None,
        }
        for each in figures
    ]


def line(figure: Figure, before: Figure | None = None) -> str:
    """One line for people."""
    limit = ""
    if figure.limit is not None:
        word = "at least" if figure.at_least else "limit"
        limit = f"  ({word} {figure.limit:,g}{'' if figure.is_kept else ': PASSED'})"
    ratio = "" if figure.ratio is None else f"  {figure.ratio:.3g} × {number(figure.floor or 0)}"
    was = "" if before is None else f"  before {number(before.value)}"
    return f"{figure.what:<64} {number(figure.value):>10} {figure.unit:<9}{ratio}{limit}{was}\n"


def number(value: float) -> str:
    """Three digits that count, and no more behind the point than they need."""
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.3g}"
