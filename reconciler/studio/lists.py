"""Lists of the service, asked for page by page through a `Reader`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.studio.client import Failed, Reader
from reconciler.studio.paging import (
    PER_PAGE,
    Ask,
    AskAll,
    Missing,
    Page,
    Rows,
    gather,
    gather_told,
    page,
)
from reconciler.studio.routes import Route
from reconciler.studio.wire import NotUnderstood


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Where a list is to be had, and under which key its rows come.

    `per_page` is None for the lists that are not documented as paged: they are
    asked for plainly, and further pages only if the answer speaks of them.
    """

    route: Route
    key: str
    id: int | None = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    per_page: int | None = None

    def at(self, number: int) -> dict[str, str | int]:
        """The query for one page."""
        if self.per_page is not None:
            return {**self.query, "page": number, "per_page": self.per_page}
        return {**self.query, "page": number} if number > 1 else dict(self.query)


def collections(route: Route, id: int | None = None) -> Source:
    """A list of collections: documented as paged."""
    return Source(route=route, key="collections", id=id, per_page=PER_PAGE)


def read_page(reader: Reader, source: Source, number: int) -> Page | Failed:
    """One page; one that is no page at all is a failure too."""
    answer = reader.get(source.route, id=source.id, query=source.at(number))
    if isinstance(answer, Failed):
        return answer
    try:
        return page(answer.value, source.key)
    except NotUnderstood as error:
        return Failed(str(error))


def read_rest(reader: Reader, source: Source, first: Page, ask_all: AskAll | None = None) -> Rows:
    """Everything from the first page on; `ask_all` may read pages side by side."""

    def ask(number: int) -> Page | Missing:
        answer = read_page(reader, source, number)
        return Missing(answer.reason) if isinstance(answer, Failed) else answer

    gathering = gather if source.per_page is not None else gather_told
    return gathering(first, ask, ask_all or _in_turn)


def _in_turn(ask: Ask, numbers: Sequence[int]) -> list[Page | Missing]:
    return [ask(number) for number in numbers]
