"""What the HTTP edge must be told; the command line fills it from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from reconciler.core.pacing import Patience


class PermissionsBody(StrEnum):
    """How a batch of actions is sent: a bare JSON array, or `{"permissions": [...]}`."""

    ARRAY = "array"
    WRAPPED = "wrapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """
    How to talk to one tenant.

    `base_url` is the tenant's address without a path; `timeout` is seconds for
    a whole request. The pace is shared by reads and writes. `tries` counts the
    first one.
    """

    base_url: str
    requests_per_second: float = 10.0
    concurrency: int = 8
    timeout: float = 30.0
    permissions_body: PermissionsBody = PermissionsBody.ARRAY
    user_agent: str = "reconciler"
    tries: int = 5

    @property
    def host(self) -> str:
        """The tenant's host (and port), for messages: never a whole URL."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2] or self.base_url

    @property
    def patience(self) -> Patience:
        """
        How often and how long one request may be tried.

        Four time-outs and never under two minutes; at a slow pace, as long as
        every try may have to queue behind all the others.
        """
        queue = self.tries * self.concurrency / self.requests_per_second
        return Patience(self.tries, max(120.0, 4 * self.timeout, queue))
