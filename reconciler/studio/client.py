"""
The reader: asks the service, and cannot write.

`connect` makes one. It has a single way to the service, a GET, and lives apart
from the writer, so that what only reads never builds anything that can write.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

from reconciler.core.pacing import Trouble
from reconciler.errors import Stopped, StudioError, Unauthorized, Unreachable
from reconciler.studio.answers import Ailing, Declined, Document
from reconciler.studio.connections import Transport
from reconciler.studio.line import STOPPED, Line, NeverSent, Tokens
from reconciler.studio.options import ClientOptions
from reconciler.studio.pacer import Pacer, Timing, utc_now
from reconciler.studio.routes import Route, request
from reconciler.studio.session import RequestObserver, Session

ADDRESS_REMEDY = (
    "check studio.url: it is the tenant's own address,"
    " such as https://yourschool.instructuremedia.com"
)


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that got no usable answer; `status` is None where nothing was answered."""

    reason: str
    status: int | None = None
    trouble: Trouble | None = None
    stopped: bool = False


class Reader:
    """
    Reads from one tenant. Safe to share between threads; close it at the end.

    It repeats what may pass by itself (rate limits, server errors, broken
    connections, time-outs, garbage) and raises Unauthorized when the token is
    refused for good.
    """

    def __init__(self, line: Line) -> None:
        self.line = line

    @property
    def host(self) -> str:
        """The tenant's host, for messages."""
        return self.line.session.host

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repeated ones included."""
        return self.line.session.requests

    def get(
        self,
        route: Route,
        *,
        id: int | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Document | Failed:
        """Ask for one route, with the id its template needs."""
        match self.line.ask(request("GET", route, id=id, query=query)):
            case Document() as document:
                return document
            case Declined() as declined:
                return Failed(str(declined), declined.status)
            case Ailing() as ailing:
                return Failed(ailing.reason, ailing.status, ailing.trouble)
            case NeverSent() as never:
                return Failed(never.reason, trouble=never.trouble, stopped=never is STOPPED)

    def rest(self) -> None:
        """Close the idle connections until there is something to ask again."""
        self.line.session.rest()

    def close(self) -> None:
        self.line.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def unusable(host: str, failed: Failed) -> StudioError:
    """What to raise when the very first question fails: then the service cannot be used at all."""
    if failed.stopped:
        return Stopped(f"stopped before {host} had answered")
    if failed.trouble is Trouble.RATE_LIMIT:
        return Unreachable(
            f"{host} takes no more requests for now: {failed.reason}",
            remedy="try again later, or lower studio.requests_per_second",
        )
    if failed.trouble not in (None, Trouble.GARBAGE):
        return Unreachable(f"{host} cannot be used: {failed.reason}", remedy=ADDRESS_REMEDY)
    if failed.status == HTTPStatus.FORBIDDEN:
        return Unauthorized(
            f"{host} does not let this token in ({failed.reason})",
            remedy="use a token of a service account with the Studio admin role",
        )
    return Unreachable(
        f"{host} does not answer as Studio's API does: {failed.reason}", remedy=ADDRESS_REMEDY
    )


def connect(
    options: ClientOptions,
    tokens: Tokens,
    *,
    stop: threading.Event,
    transport: Transport | None = None,
    observer: RequestObserver | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Reader:
    """
    Make a reader of one tenant; nothing is sent yet.

    A transport passed in is shared by all threads. Setting `stop` wakes every
    wait and lets no further request start.
    """
    timing = Timing(stop=stop, clock=clock, sleep=sleep, now=now)
    session = Session(options, transport=transport, observer=observer, clock=clock)
    pacer = Pacer(options.requests_per_second, timing)
    return Reader(Line(session, tokens, pacer, timing, options.patience))
