"""Columns that line up on a terminal, whatever the script of the names in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# A longer cell pushes its own line to the right, not all of them.
_WIDEST = 44


def display_width(text: str) -> int:
    """How many columns a terminal gives the text: two for a wide character, none for a mark."""
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    """The text, filled with spaces to so many columns; a longer one stays whole."""
    return text + " " * (width - display_width(text))


def widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """The width of every column, one long cell not counted."""
    return [
        max((width for cell in column if (width := display_width(cell)) <= _WIDEST), default=0)
        for column in zip(*rows, strict=True)
    ]
