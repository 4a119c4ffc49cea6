"""What the pages of one tenant look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.daemon.board import Board
from reconciler.daemon.dues import Dues
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.metrics import Meter
from reconciler.daemon.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that the pages look at. `records` gives those of the tenant of the moment."""

    board: Board
    meter: Meter
    heartbeat: Heartbeat
    dues: Dues
    records: Callable[[], Records]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
