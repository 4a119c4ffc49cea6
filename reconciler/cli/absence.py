"""A state that is away: told when it goes and when it is back, and not at every try between."""

from __future__ import annotations

import structlog

from reconciler.errors import StateError

log = structlog.get_logger()


class Absence:
    """What was told of it by one who needs the state; `waits` says what waits for it."""

    def __init__(self, waits: str) -> None:
        self._waits = waits
        self._is_told = False

    def begins(self, error: StateError) -> None:
        """The state cannot be used; it is tried again."""
        if not self._is_told:
            log.warning(self._waits, error=error.message, remedy=error.remedy)
        self._is_told = True

    def ends(self) -> None:
        """It was used."""
        if self._is_told:
            log.info("the state is back")
        self._is_told = False
