"""
One request and its answer: the only place that knows the HTTP library.

What comes back is a value: an `Answer`, whatever its status, or a `Failure`
that says what broke and whether anything had been sent. No exception of the
library gets out (they carry whole URLs), no redirect is followed (a token goes
to no other host), no cookie is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import httpx

from reconciler.core.pacing import Trouble
from reconciler.studio.connections import Connections, Transport
from reconciler.studio.options import ClientOptions

CONNECT_SECONDS = 5.0
LARGEST_BODY = 32 * 1024 * 1024


class RequestObserver(Protocol):
    """Told of every request that was sent, for metrics and the summary line."""

    def requested(self, route: str, status: str, seconds: float) -> None:
        """
        One request ended.

        `route` is the verb and the template (`GET /collections/{id}`), never a
        path with ids; `status` the number, or the word for what broke.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request before it is sent. `route` is what it is counted under."""

    method: str
    route: str
    path: str
    content: bytes | None = None
    content_type: str = "application/json"
    authorization: str | None = None

    def __repr__(self) -> str:
        # The body may hold a refresh token, the header holds an access token.
        return f"Request({self.route})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service answered. `location` is the host a redirect points to, `date` its clock."""

    status: int
    body: bytes
    content_type: str = ""
    retry_after: str | None = None
    location: str | None = None
    date: str | None = None

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """
    No whole answer, and why.

    `sent` is False where nothing can have reached the service; `hopeless` where
    the same request would end in the same way.
    """

    trouble: Trouble
    reason: str
    sent: bool = True
    hopeless: bool = False


class Session:
    """Sends requests to one tenant. Safe to share between threads."""

    def __init__(
        self,
        options: ClientOptions,
        *,
        transport: Transport | None = None,
        observer: RequestObserver | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.host = options.host
        self._base_url = options.base_url.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": options.user_agent,
        }
        self._timeout = options.timeout
        self._extensions = {"timeout": _timeouts(options.timeout)}
        self._connections = Connections(options.base_url, transport)
        self._observer = observer
        self._clock = clock
        self._lock = threading.Lock()
        self._requests = 0

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._requests

    def send(self, request: Request) -> Answer | Failure:
        """Send it once and read the whole answer, within the limits of size and time."""
        began = self._clock()
        connection = self._connections.borrow()
        try:
            result = self._exchange(connection, request, began + self._timeout)
        finally:
            self._connections.give_back(connection)
        self._count(request.route, result, self._clock() - began)
        return result

    def rest(self) -> None:
        """Close the idle connections until there is something to send again."""
        self._connections.rest()

    def close(self) -> None:
        """Close the connections. A transport that was passed in stays open."""
        self._connections.close()

    def _exchange(
        self, connection: Transport, request: Request, deadline: float
    ) -> Answer | Failure:
        try:
            response = connection.handle_request(self._prepare(request))
            try:
                return self._read(response, deadline)
            finally:
                response.close()
        except httpx.InvalidURL:
            reason = "the address is too long or not one"
            return Failure(trouble=Trouble.CONNECT, reason=reason, sent=False, hopeless=True)
        except httpx.HTTPError as error:
            return _failure(error)

    def _prepare(self, request: Request) -> httpx.Request:
        headers = dict(self._headers)
        if request.authorization is not None:
            headers["Authorization"] = request.authorization
        if request.content is not None:
            headers["Content-Type"] = request.content_type
        return httpx.Request(
            request.method,
            self._base_url + request.path,
            content=request.content,
            headers=headers,
            extensions=self._extensions,
        )

    def _read(self, response: httpx.Response, deadline: float) -> Answer | Failure:
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY:
                reason = f"the answer is larger than {LARGEST_BODY} bytes"
                return Failure(trouble=Trouble.GARBAGE, reason=reason, hopeless=True)
            if self._clock() > deadline:
                reason = f"no whole answer within {self._timeout:g} s"
                return Failure(trouble=Trouble.TIMEOUT, reason=reason)
        return Answer(
            status=response.status_code,
            body=b"".join(parts),
            content_type=response.headers.get("content-type", ""),
            retry_after=response.headers.get("retry-after"),
            location=_redirect_host(response),
            date=response.headers.get("date"),
        )

    def _count(self, route: str, result: Answer | Failure, seconds: float) -> None:
        with self._lock:
            self._requests += 1
        if self._observer is not None:
            status = str(result.status) if isinstance(result, Answer) else result.trouble.value
            self._observer.requested(route, status, seconds)


def _timeouts(seconds: float) -> dict[str, float | None]:
    """The library's limits: to connect, and between two pieces of the answer."""
    connect = min(CONNECT_SECONDS, seconds)
    return httpx.Timeout(connect=connect, read=seconds, write=seconds, pool=None).as_dict()


def _redirect_host(response: httpx.Response) -> str | None:
    if not response.has_redirect_location:
        return None
    try:
        return httpx.URL(response.headers["location"]).host or "itself"
    except httpx.InvalidURL:
        return "an address that is none"


def _failure(error: httpx.HTTPError) -> Failure:
    """Put an exception into words that hold no address and no token."""
    match error:
        case httpx.ConnectError() | httpx.ProxyError() | httpx.UnsupportedProtocol():
            hopeless = "CERTIFICATE_VERIFY_FAILED" in str(error)
            return Failure(
                trouble=Trouble.CONNECT, reason=str(error)[:200], sent=False, hopeless=hopeless
            )
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            reason = "no connection in time"
            return Failure(trouble=Trouble.CONNECT, reason=reason, sent=False)
        case httpx.TimeoutException():
            return Failure(trouble=Trouble.TIMEOUT, reason="no answer in time")
        case httpx.DecodingError():
            return Failure(trouble=Trouble.GARBAGE, reason="the answer's encoding is broken")
        case _:
            reason = f"the connection broke ({type(error).__name__})"
            return Failure(trouble=Trouble.RESET, reason=reason)
