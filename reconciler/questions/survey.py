"""What one reading of the tenant saw: the listing, permission lists, people and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.core.directory import merge
from reconciler.core.observed import Kind, Listing, LiveCollection, Shares, Sightings, Unreadable
from reconciler.studio.observe import Observer


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not read, or not in full, and why."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """
    Everything that was read. `me` is the token's own user, None where nothing tells.

    `shares` has the collections whose permission list was asked for, `listing_gaps`
    why there may be collections that no list showed.
    """

    collections: Mapping[int, LiveCollection]
    shares: Mapping[int, Shares | Unreadable]
    seen: Sightings
    me: int | None = None
    listing_gaps: tuple[Gap, ...] = ()


def look(studio: Observer, *, me: int | None = None) -> Survey:
    """
    Read the listing. `me` is what the file says of the token's own user.

    Raises StudioError when the listing cannot be read at all.
    """
    listing, owners, own = studio.listing()
    return Survey(
        collections=listing.collections,
        shares={},
        seen=owners,
        me=me if me is not None else own,
        listing_gaps=tuple(_gaps(listing)),
    )


def with_library(studio: Observer, seen: Survey, user_id: int) -> Survey:
    """
    Add what one user can reach, which the token's own listing may not show.

    A tenant that does not tell adds nothing.
    """
    library, people = studio.library(user_id)
    if not isinstance(library, Listing):
        return seen
    return replace(
        seen,
        collections={**library.collections, **seen.collections},
        seen=merge(seen.seen, people),
        listing_gaps=(*seen.listing_gaps, *_gaps(library)),
    )


def with_shares(studio: Observer, seen: Survey, ids: Iterable[int]) -> Survey:
    """Add the permission lists of these collections, those that are there already not again."""
    wanted = [id for id in ids if id not in seen.shares]
    shares, people = studio.shares(wanted)
    return replace(
        seen,
        shares={**seen.shares, **shares},
        seen=merge(seen.seen, people),
    )


def is_in_use(collection: LiveCollection) -> bool:
    """Whether this is what people share: no My Library, no course's own, not archived."""
    return collection.kind is Kind.ORDINARY and not collection.archived


def share_gaps(seen: Survey, ids: Iterable[int]) -> Iterator[Gap]:
    """The permission lists, of these collections, that were not read in full."""
    for id in ids:
        read = seen.shares.get(id)
        if read is not None and (reason := why_unreadable(read)) is not None:
            yield Gap(titled(seen.collections.get(id), id), reason)


def _gaps(listing: Listing) -> Iterator[Gap]:
    if listing.gap is not None:
        yield Gap("the list of collections", listing.gap)


def why_unreadable(read: Shares | Unreadable) -> str | None:
    """Why a permission list may not be all there is; None where it is."""
    return read.reason if isinstance(read, Unreadable) else read.gap


def titled(collection: LiveCollection | None, id: int) -> str:
    """A collection in a sentence: its id, and its name where it has one."""
    name = collection.name if collection is not None else None
    return f"collection {id}" if name is None else f"collection {id} “{name}”"
