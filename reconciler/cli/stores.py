"""Opening the state: for one tenant by itself, or once for all those of a process that share it."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from reconciler.state.store import Store


class Opener(Protocol):
    """Opens one tenant's part of the state at a place. Raises StateError."""

    def __call__(self, place: str, tenant: str) -> Store: ...


def open_own(place: str, tenant: str) -> Store:
    """Open it for this tenant alone."""
    from reconciler.state.store import open_store  # noqa: PLC0415 - 0.2 s of import

    return open_store(place, tenant=tenant)


@dataclass(slots=True)
class _Place:
    lock: threading.Lock = field(default_factory=threading.Lock)
    store: Store | None = None


class Stores:
    """
    Each state opened once, whichever tenants of this process ask for theirs; threads share it.

    Three hundred tenants with connections of their own would be more than a
    database lets in.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: defaultdict[str, _Place] = defaultdict(_Place)

    def open(self, place: str, tenant: str) -> Store:
        """Open this tenant's part; a place that hangs is waited for by its own tenants only."""
        with self._lock:
            here = self._places[place]
        with here.lock:
            if here.store is None:
                here.store = open_own(place, tenant)
        return here.store.sibling(tenant)

    def close(self) -> None:
        """Close every state. Nobody may use one any more."""
        with self._lock:
            places, self._places = self._places, defaultdict(_Place)
        for each in places.values():
            if each.store is not None:
                each.store.close()
