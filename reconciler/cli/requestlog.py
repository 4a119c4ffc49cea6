"""Every request in the log, for who asks with `-vv`: its route and status, never an address."""

from __future__ import annotations

import structlog

log = structlog.get_logger()


class RequestLog:
    """Tells the log of each request that was sent."""

    def requested(self, route: str, status: str, seconds: float) -> None:
        log.debug("request", route=route, status=status, seconds=round(seconds, 3))
