"""Every request in the log, for who asks with `-vv`: its route and status, never an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from reconciler.studio.session import RequestObserver

log = structlog.get_logger()


class RequestLog:
    """Tells the log of each request that was sent."""

    def requested(self, route: str, status: str, seconds: float) -> None:
        log.debug("request", route=route, status=status, seconds=round(seconds, 3))


@dataclass(frozen=True, slots=True)
class Both:
    """Tells two who want to know of each request: the log, which may not listen, and a meter."""

    first: RequestObserver
    second: RequestObserver

    def requested(self, route: str, status: str, seconds: float) -> None:
        self.first.requested(route, status, seconds)
        self.second.requested(route, status, seconds)
