"""What the tenants of one worker share: the state and its queue, who is told, how it is stopped."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.cli.stores import Stores
from reconciler.daemon.outbox import Outbox
from reconciler.errors import UsageError
from reconciler.state.lookout import WritersWatch
from reconciler.state.queue import Queue
from reconciler.state.store import Store

_NAME = "reconciler"
"""Under which name of a tenant the part of the state is opened that is nobody's."""


@dataclass(slots=True, kw_only=True)
class Workplace:
    """
    Threads share it.

    The place of the state is that of the first file that was read; it may hold a password.
    """

    observe: bool
    outbox: Outbox
    place: str = field(default="", repr=False)
    stores: Stores = field(default_factory=Stores)
    queue: Queue = field(default_factory=Queue)
    writers: WritersWatch = field(default_factory=WritersWatch)
    stopped: threading.Event = field(default_factory=threading.Event)

    def admit(self, path: Path, place: str) -> None:
        """Raise UsageError where the file keeps its state elsewhere than the jobs are."""
        if not place.startswith("postgresql://"):
            raise UsageError(
                f"{path}: --jobs needs its state in PostgreSQL, where the jobs are too",
                remedy="write state: postgresql://… there, or set $RECONCILER_STATE for all files",
            )
        self.place = self.place or place
        if place != self.place:
            raise UsageError(
                f"{path}: its state is another one than that of the files before it,"
                " and --jobs carries the tenants of one",
                remedy="write the same state in all files, or start workers for each state",
            )

    def store(self) -> Store:
        """The part of the state that is no tenant's. Raises StateError."""
        return self.stores.open(self.place, _NAME)
