"""The service's own limit: so many requests in any second, and 429 for the rest."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=1)


class Limiter:
    """Remembers when the requests of the last second were let through."""

    def __init__(self) -> None:
        self._passed: deque[datetime] = deque()

    def allows(self, per_second: int | None, now: datetime) -> bool:
        """Whether one more may pass now; what is refused does not count."""
        if per_second is None:
            return True
        while self._passed and self._passed[0] <= now - WINDOW:
            self._passed.popleft()
        if len(self._passed) >= per_second:
            return False
        self._passed.append(now)
        return True
