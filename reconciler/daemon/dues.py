"""How many due times have come and gone since a pass last succeeded."""

from __future__ import annotations

import threading

MOST_MISSED = 3


class Dues:
    """Counts. The timetable's thread, the loop's and those that ask share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._missed = 0

    @property
    def missed(self) -> int:
        """Due times in a row without a successful pass since."""
        return self._missed

    @property
    def is_ready(self) -> bool:
        return self._missed <= MOST_MISSED

    def came(self) -> None:
        """A pass is due now."""
        with self._lock:
            self._missed += 1

    def succeeded(self) -> None:
        """A pass did all that it may."""
        with self._lock:
            self._missed = 0
