"""Pages: which part of a list one request gets, and what is said about the whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconciler.sandbox.messages import Refused, whole_number
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.wire import Json

MOST_PER_PAGE = 50
DEFAULT_PER_PAGE = 20


def paged(
    key: str,
    ids: Sequence[int],
    document: Callable[[int], Json],
    query: Mapping[str, str],
    switches: Switches,
) -> Json:
    """Answer the page that the query asks for, as `{key: [...], "meta": {...}}`."""
    number = _positive(query, "page", 1)
    size = _positive(query, "per_page", DEFAULT_PER_PAGE)
    if size > MOST_PER_PAGE:
        raise Refused(422, f"per_page is {size}; at most {MOST_PER_PAGE}")
    start = (number - 1) * size + _shift(number, switches)
    answered: Json = {key: [document(id) for id in ids[start : start + size]]}
    if switches.meta != "absent":
        total = len(ids) - _shift(number, switches) + (switches.meta == "wrong")
        answered["meta"] = {
            "current_page": number,
            "last_page": max(1, -(-total // size)),
            "total_count": total,
        }
    return answered


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole number of at least 1 from the query."""
    number = whole_number(query.get(name, str(default)))
    if not number:
        raise Refused(422, f"{name} is not a positive number")
    return number


def _shift(number: int, switches: Switches) -> int:
    """How far the list has moved under a reader who is past the first page."""
    if number == 1:
        return 0
    return {"still": 0, "inserted": -1, "removed": 1}[switches.pages]
