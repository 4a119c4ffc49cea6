"""
What the passes of one tenant hand on to each other where they are made by any worker.

Its breaker, and what people were told: a daemon keeps both for as long as it has
the seat. It is memory and nothing more: without it, or with one that cannot be
read, passes begin with none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from reconciler.core.model import Principal, PrincipalType
from reconciler.core.plan import ChangeKey, CollectionKey
from reconciler.daemon.breaker import Breaker
from reconciler.daemon.notices import Topic
from reconciler.daemon.teller import Told
from reconciler.errors import Location
from reconciler.state.shelf import Shelf
from reconciler.state.store import Store

MOST_LATE = 10_000
"""
How many undone changes are handed on; after a pass with more the next one tells of no drift.

All of them would be as long as the file, with every pass.
"""

_NAME = "handover.json"


@dataclass(frozen=True, slots=True)
class Handover:
    """What a pass takes over, or hands on. The breaker's seconds are those since 1970."""

    breaker: Breaker = field(default_factory=Breaker)
    told: Told = field(default_factory=Told)


def take_over(store: Store) -> Handover:
    """What the pass before has handed on. Raises StateError."""
    kept = _shelf(store).recall()
    try:
        return Handover() if kept is None else _read(json.loads(kept[_NAME]))
    except (ValueError, LookupError, TypeError):
        return Handover()


def hand_on(store: Store, handover: Handover) -> None:
    """Leave it to the next pass. Raises StateError."""
    text = json.dumps(_document(handover), separators=(",", ":"))
    _shelf(store).save({_NAME: text.encode()})


def _shelf(store: Store) -> Shelf:
    return Shelf(store.sibling(f"jobs:{store.tenant}"))


def _document(handover: Handover) -> dict[str, Any]:
    told = handover.told
    is_short = len(told.late) <= MOST_LATE
    return {
        "breaker": asdict(handover.breaker),
        "situation": {topic.value: dict(matters) for topic, matters in told.situation.items()},
        "digest": told.digest if is_short else None,
        "late": sorted(map(_key, told.late)) if is_short else [],
    }


def _read(document: dict[str, Any]) -> Handover:
    told = Told(
        situation={Topic(topic): matters for topic, matters in document["situation"].items()},
        digest=document["digest"],
        late=frozenset(map(_change, document["late"])),
    )
    return Handover(Breaker(**document["breaker"]), told)


def _key(change: ChangeKey) -> tuple[str, str, int, int, str, int]:
    (name, source), who = change
    return name, source.path, source.line, source.column, who.type.value, who.id


def _change(key: Sequence[Any]) -> ChangeKey:
    name, *place, kind, id = key
    return CollectionKey(name, Location(*place)), Principal(PrincipalType(kind), id)
