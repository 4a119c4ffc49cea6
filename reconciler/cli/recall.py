"""
What the state has on record of tenants whose passes run elsewhere, or nowhere, for their pages.

It is read for all of them at once, now and then, in a thread of its own: a state that is slow
delays no page, and no look after the seats either.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from typing import Protocol

from reconciler.errors import StateError
from reconciler.questions.status import BY_DAEMON
from reconciler.state.latest import Latest, latest_passes
from reconciler.state.store import Store

EVERY = 5.0
"""Seconds between two readings."""


class Asker(Protocol):
    """Whose pages tell what is on record."""

    def recalls(self, latest: Latest | None) -> None:
        """The last pass on record; None where nothing is known of one."""


class Recall:
    """
    The thread that reads, until it is `done`, for whoever is `asking` by then.

    While the state cannot be read nobody is told of anything: what was known is of the past.
    What ends the thread goes to `report`.
    """

    def __init__(
        self,
        opens: Callable[[], Store],
        asking: Callable[[], Mapping[str, Asker]],
        done: threading.Event,
        report: Callable[[BaseException], None],
    ) -> None:
        self._opens = opens
        self._asking = asking
        self._done = done
        self._report = report
        self._thread = threading.Thread(target=self._keep_reading, name="recall", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _keep_reading(self) -> None:
        try:
            while not self._done.wait(EVERY):
                if askers := self._asking():
                    found = self._read(askers.keys())
                    # Only who asks for the same still: a file may name another tenant by now.
                    for tenant, asker in askers.items() & self._asking().items():
                        asker.recalls(found.get(tenant))
        except BaseException as bug:  # noqa: BLE001 - it would end in silence in this thread
            self._report(bug)

    def _read(self, tenants: Collection[str]) -> Mapping[str, Latest]:
        try:
            with closing(self._opens()) as store:
                return latest_passes(store, tenants, BY_DAEMON)
        except StateError:
            return {}  # told by those who cannot do without
