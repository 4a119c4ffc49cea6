"""Which collections an export is about: all that people share, somebody's, or some by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.core.declared import Declarations
from reconciler.core.directory import directory
from reconciler.core.model import PrincipalType
from reconciler.core.observed import Kind, LiveCollection
from reconciler.questions.naming import NotFound, find_collections, find_principal
from reconciler.questions.survey import Survey, is_in_use, titled, with_library
from reconciler.report.wording import counted
from reconciler.studio.observe import Observer

_KINDS = {
    "My Library": lambda each: each.kind is Kind.USER,
    "course": lambda each: each.kind is Kind.COURSE_WIDE,
    "archived": lambda each: each.kind is Kind.ORDINARY and each.archived,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The collections to export by id, what was seen on the way, and how many are left out."""

    seen: Survey
    ids: tuple[int, ...]
    left_out: str | None


def select(
    studio: Observer,
    seen: Survey,
    declared: Declarations,
    *,
    owner: str | None = None,
    names: Sequence[str] = (),
) -> Selection:
    """
    Choose among the collections seen; `owner` is an address, a name or an id.

    Raises NotFound for an owner or a name that is nothing in sight, and for one
    that an export leaves out.
    """
    candidates = list(seen.collections.values())
    if owner is not None:
        who = directory(declared, seen.seen)
        owner_id = find_principal(owner, who, studio.people, (PrincipalType.USER,)).id
        seen = with_library(studio, seen, owner_id)
        candidates = [each for each in seen.collections.values() if each.owner_id == owner_id]
    if names:
        candidates = [each for name in names for each in _in_use(name, candidates)]
    ids = (each.id for each in candidates if is_in_use(each))
    return Selection(seen, tuple(dict.fromkeys(ids)), _left_out(candidates))


def _in_use(name: str, among: Iterable[LiveCollection]) -> tuple[LiveCollection, ...]:
    found = find_collections(name, among)
    if used := tuple(filter(is_in_use, found)):
        return used
    raise NotFound(
        f"{titled(found[0], found[0].id)} is {_kind(found[0])}, which an export leaves out",
        remedy="name it in the file by its id to rule it all the same",
    )


def _kind(collection: LiveCollection) -> str:
    if collection.archived:
        return "archived"
    return "somebody's My Library" if collection.kind is Kind.USER else "a course's own"


def _left_out(candidates: Iterable[LiveCollection]) -> str | None:
    """How many of each kind that an export leaves out, in words."""
    seen = list(candidates)
    counts = ((kind, sum(map(is_one, seen))) for kind, is_one in _KINDS.items())
    told = [counted(count, f"{kind} collection") for kind, count in counts if count]
    return ", ".join(told) or None
