"""How messages name what somebody wrote, and what they probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

_LONGEST_SHOWN = 80
_MOST_LISTED = 24
# difflib takes quadratic time: neither a word nor a vocabulary made for that may cost us.
_LONGEST_COMPARED = 64
_MOST_COMPARED = 2000


def shown(text: str) -> str:
    """Quote what was written, control characters escaped, cut where nobody reads on."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return f'"{escaped(cut)}"'


def escaped(text: str) -> str:
    """Make one line of it: what does not print is written as its escape."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def near_miss(word: str, known: Iterable[str]) -> str:
    """End of a sentence about an unknown word: the near miss, else what would do."""
    words = list(known)
    if close := closest(word, words):
        return f"; did you mean {shown(close)}?"
    if not words:
        return ""
    more = ", …" if len(words) > _MOST_LISTED else ""
    return f"; known: {', '.join(escaped(each) for each in words[:_MOST_LISTED])}{more}"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that this one is probably a slip of."""
    if len(word) > _LONGEST_COMPARED:
        return None
    folded = {
        each.casefold(): each
        for each in islice(known, _MOST_COMPARED)
        if abs(len(each) - len(word)) <= max(2, len(word) // 2)
    }
    close = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[close[0]] if close else None
