"""Ids to paste: the people, groups and collections in sight whose name holds a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.core.document import Document
from reconciler.core.observed import LiveCollection, LookupFailed, Person
from reconciler.questions.survey import Gap, is_in_use, look, share_gaps, with_shares
from reconciler.report.columns import padded, widths
from reconciler.report.safe import printable
from reconciler.studio.observe import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Everything whose name, or address, holds the text; and what could not be read."""

    people: tuple[Person, ...]
    groups: tuple[tuple[int, str], ...]
    collections: tuple[LiveCollection, ...]
    unreadable: tuple[Gap, ...] = ()


def find(studio: Observer, text: str) -> Hits:
    """
    Look at all there is in sight, without regard to case.

    Groups are known by the lists they stand in, so that every list is read. An
    address is searched for besides.
    """
    seen = look(studio)
    ids = [each.id for each in seen.collections.values() if is_in_use(each)]
    seen = with_shares(studio, seen, ids)
    found = studio.people([text])[text] if "@" in text else ()
    searched = {} if isinstance(found, LookupFailed) else {each.id: each for each in found}
    people = {**searched, **seen.seen.people}.values()
    failed = found.reason if isinstance(found, LookupFailed) else None
    return Hits(
        people=tuple(sorted(filter(lambda each: _is_called(each, text), people), key=_by_id)),
        groups=tuple(
            (id, name)
            for id, name in sorted(seen.seen.groups.items())
            if name is not None and _holds(name, text)
        ),
        collections=tuple(
            each for _, each in sorted(seen.collections.items()) if _holds(each.name, text)
        ),
        unreadable=(
            *seen.listing_gaps,
            *share_gaps(seen, ids),
            *([Gap("the search for people", failed)] if failed is not None else ()),
        ),
    )


def _is_called(person: Person, text: str) -> bool:
    return _holds(person.email, text) or _holds(person.name, text)


def _holds(name: str | None, text: str) -> bool:
    return name is not None and text.casefold() in name.casefold()


def _by_id(person: Person) -> int:
    return person.id


def document(hits: Hits) -> Document:
    """The hits as plain data, under the words that the file has for them."""
    return {
        "users": [{"id": each.id, "name": each.name, "email": each.email} for each in hits.people],
        "groups": [{"id": id, "name": name} for id, name in hits.groups],
        "collections": [
            {
                "id": each.id,
                "name": each.name,
                "owner_id": each.owner_id,
                "type": each.kind,
                "archived": each.archived,
            }
            for each in hits.collections
        ],
        "complete": not hits.unreadable,
        "unreadable": [{"what": gap.what, "reason": gap.reason} for gap in hits.unreadable],
    }


def render(hits: Hits) -> str:
    """One line a hit, its id first; nothing at all where nothing was found."""
    rows = [tuple(map(printable, row)) for row in _rows(hits)]
    return "".join(f"{line}\n" for line in _aligned(rows))


def _rows(hits: Hits) -> Iterator[tuple[str, str, str]]:
    for person in hits.people:
        yield f"user:{person.id}", person.name or "", person.email or ""
    for id, name in hits.groups:
        yield f"group:{id}", name, ""
    for live in hits.collections:
        owner = f"owner user:{live.owner_id}" if live.owner_id is not None else ""
        kind = "" if is_in_use(live) else "archived" if live.archived else live.kind.value
        yield f"id: {live.id}", live.name or "", ", ".join(filter(None, (owner, kind)))


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    wide = widths(rows) if rows else []
    for row in rows:
        cells = (padded(cell, width) for cell, width in zip(row, wide, strict=True))
        yield "  ".join(cells).rstrip()
