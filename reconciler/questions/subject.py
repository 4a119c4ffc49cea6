"""Whom and what `explain` is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.config.suggest import near_miss, shown
from reconciler.core.declared import Reference
from reconciler.core.desired import DesiredCollection
from reconciler.core.directory import NotOne
from reconciler.core.model import Principal
from reconciler.core.observed import LiveCollection
from reconciler.core.plan import CollectionPlan
from reconciler.core.resolve import references
from reconciler.questions.comparison import Comparison
from reconciler.questions.naming import KINDS, LookUp, NotFound, find_principal, number, split

Asked: TypeAlias = Principal | Reference
Entry: TypeAlias = tuple[DesiredCollection, CollectionPlan]


@dataclass(frozen=True, slots=True)
class Subject:
    """A collection: its entry of the file with its plan, or live and not in the file."""

    name: str
    id: int | None
    live: LiveCollection | None
    entry: Entry | None = None


def find_asked(text: str, compared: Comparison, look_up: LookUp) -> Asked:
    """
    Find who is meant; a name stays one where the file writes it and it is nobody or several.

    Raises NotFound for a name that is in neither the file nor Studio.
    """
    kind, name = split(text, KINDS)
    entries = [each.declared for each in compared.desired.collections]
    written = {each.key: each for each in references(entries, compared.declarations)}
    for each in KINDS if kind is None else (kind,):
        reference = written.get(Reference(each, name=name).key)
        if reference is not None and isinstance(compared.who.resolve(reference), NotOne):
            return reference
    return find_principal(text, compared.who, look_up)


def find_subject(text: str, compared: Comparison) -> Subject:
    """Find the one collection of this name, in the file or in Studio, else of this id."""
    subjects = tuple(_subjects(compared))
    hits = [each for each in subjects if text == each.name] or [
        each for each in subjects if each.live is not None and each.live.name == text
    ]
    hits = hits or [each for each in subjects if each.id is not None and each.id == number(text)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        ids = ", ".join(str(each.id or "one still to be created") for each in hits)
        raise NotFound(
            f"{len(hits)} collections are called {shown(text)}: {ids}",
            remedy="name one by its id",
        )
    near = near_miss(text, sorted({each.name for each in subjects}))
    raise NotFound(f"no collection in sight is called {shown(text)}{near}")


def _subjects(compared: Comparison) -> Iterator[Subject]:
    """Every entry of the file, and every live collection that none of them is."""
    claimed: set[int] = set()
    for want, plan in compared.pairs():
        id = plan.id if plan.id is not None else want.declared.id
        live = None if id is None else compared.observed.collection(id)
        claimed |= {id} if id is not None else set()
        yield Subject(want.declared.name, id, live, (want, plan))
    for live in compared.observed.listing.collections.values():
        if live.id not in claimed:
            yield Subject(live.name or "", live.id, live)
