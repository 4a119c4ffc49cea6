"""
A list that comes in pages, and whether it is all there.

Where the service tells how much there is (`meta`), the pages after the first
may be read side by side and the totals must add up; where it does not, a short
page ends the list. Whatever does not fit leaves a gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.studio.wire import NotUnderstood, whole_number

# The most the service allows in one page.
PER_PAGE = 50
# 100,000 rows: beyond that, numbers that the service made up.
MOST_PAGES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a page tells about its whole, under whichever of the usual names; None is untold."""

    page: int | None = None
    pages: int | None = None
    total: int | None = None
    per_page: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, still as they came."""

    rows: Sequence[object]
    meta: Meta = field(default_factory=Meta)

    @property
    def ids(self) -> list[object]:
        """The ids in it, as they came; a row without one has none here."""
        ids = [row.get("id") for row in self.rows if isinstance(row, Mapping)]
        return [id for id in ids if isinstance(id, int | str)]


@dataclass(frozen=True, slots=True)
class Missing:
    """A page that could not be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows that were read, and why they may not be all there are."""

    rows: Sequence[object]
    gaps: tuple[str, ...] = ()


Ask: TypeAlias = Callable[[int], Page | Missing]
AskAll: TypeAlias = Callable[[Ask, Sequence[int]], Sequence[Page | Missing]]


def page(document: object, key: str) -> Page:
    """Read one page of the list called `key`; raises NotUnderstood."""
    rows = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(rows, list):
        raise NotUnderstood(f'the answer has no list "{key}"')
    told = document.get("meta")
    return Page(rows, _meta(told) if isinstance(told, Mapping) else Meta())


def gather(first: Page, ask: Ask, ask_all: AskAll) -> Rows:
    """
    Read what comes after the first page, and check that it is the whole.

    `ask` reads the page of that number; `ask_all` does so for many, in order.
    """
    count = _number_of_pages(first)
    if count is None:
        return _one_by_one(first, ask)
    return _side_by_side(first, count, first.meta.per_page or PER_PAGE, ask, ask_all)


def gather_told(first: Page, ask: Ask, ask_all: AskAll) -> Rows:
    """Like `gather`, for a list that is paged only if it says so, at a size of its own."""
    count = _number_of_pages(first)
    if count is None:
        return Rows(first.rows)
    return _side_by_side(first, count, len(first.rows), ask, ask_all)


def _side_by_side(first: Page, count: int, size: int, ask: Ask, ask_all: AskAll) -> Rows:
    numbers = range(2, min(count, MOST_PAGES) + 1)
    answers: list[Page | Missing] = [first, *ask_all(ask, numbers)]
    gaps = _gaps(first, answers, size)
    if count > MOST_PAGES:
        gaps.append(f"the service speaks of {count} pages, of which {MOST_PAGES} were read")
    return Rows(_rows(answers), tuple(gaps))


def _number_of_pages(first: Page) -> int | None:
    """
    How many pages there are by what the first one tells; None where it does not.

    When a total tells of more than the first page shows, that page's length is
    the real page size, whatever was asked for.
    """
    meta, shown = first.meta, len(first.rows)
    by_total = None
    if meta.total is not None:
        by_total = math.ceil(meta.total / shown) if shown and meta.total > shown else 1
    told = [number for number in (meta.pages, by_total) if number is not None]
    return max(1, *told) if told else None


def _one_by_one(first: Page, ask: Ask) -> Rows:
    size = first.meta.per_page or PER_PAGE
    answers: list[Page | Missing] = [first]
    seen = set(first.ids)
    last: Page | Missing = first
    while isinstance(last, Page) and len(last.rows) >= size and len(answers) < MOST_PAGES:
        last = ask(len(answers) + 1)
        answers.append(last)
        if isinstance(last, Page):
            if last.rows and seen.issuperset(last.ids):
                break  # The same again, and it would be so for ever.
            seen.update(last.ids)
    gaps = _gaps(first, answers, size)
    if len(answers) == MOST_PAGES:
        gaps.append(f"the list has more than {MOST_PAGES} pages")
    return Rows(_rows(answers), tuple(gaps))


def _rows(answers: Sequence[Page | Missing]) -> list[object]:
    return [row for answer in answers if isinstance(answer, Page) for row in answer.rows]


def _gaps(first: Page, answers: Sequence[Page | Missing], size: int) -> list[str]:
    """Every reason why these pages are not one whole list, seen at one moment."""
    gaps: list[str] = []
    seen: set[object] = set()
    for number, answer in enumerate(answers, start=1):
        if isinstance(answer, Missing):
            gaps.append(f"page {number} could not be read: {answer.reason}")
            continue
        ids = set(answer.ids)
        if answer.meta.page not in (None, number):
            gaps.append(f"asked for page {number}, the service answered page {answer.meta.page}")
        if ids & seen:
            gaps.append(f"page {number} repeats rows of earlier pages: the list moved while read")
        if (answer.meta.pages, answer.meta.total) != (first.meta.pages, first.meta.total):
            gaps.append(f"page {number} tells other totals than page 1: the list changed")
        seen |= ids
    total = first.meta.total
    if total is None:
        return gaps + _short(answers, size)
    return gaps if len(seen) == total else [*gaps, f"the service counts {total}, shows {len(seen)}"]


def _short(answers: Sequence[Page | Missing], size: int) -> list[str]:
    """Without a total, rows that were kept back show in pages that are not full."""
    return [
        f"page {number} is short, and it is not the last"
        for number, answer in enumerate(answers[:-1], start=1)
        if isinstance(answer, Page) and len(answer.rows) < size
    ]


def _meta(told: Mapping[str, object]) -> Meta:
    return Meta(
        page=_count(told, "current_page", "page"),
        pages=_count(told, "total_pages", "last_page", "pages"),
        total=_count(told, "total_count", "total"),
        per_page=_count(told, "per_page") or None,
    )


def _count(meta: Mapping[str, object], *names: str) -> int | None:
    for name in names:
        number = whole_number(meta.get(name))
        if number is not None and number >= 0:
            return number
    return None
