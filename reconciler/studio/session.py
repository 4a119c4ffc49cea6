"""
One request and its answer: the only place that knows the HTTP library.

What comes back is a value: an `Answer`, whatever its status, or a `Failure`
that says what broke and whether anything had been sent. No exception of the
library gets out (they carry whole URLs), no redirect is followed (a token goes
to no other host), no cookie is kept.

A client holds one connection, because the library's pool costs more the larger
it is; whoever sends borrows an idle client, so that there are as many clients
as requests under way at once.
"""

from __future__ import annotations

import functools
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol, TypeAlias

import httpx

from reconciler.core.pacing import Trouble
from reconciler.errors import Unreachable
from reconciler.studio.options import ClientOptions

Transport: TypeAlias = httpx.BaseTransport

CONNECT_SECONDS = 5.0
# Calls are paced: the library's five seconds would cost a handshake each time.
KEEP_ALIVE_SECONDS = 60.0
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
        self._user_agent = options.user_agent
        self._timeout = options.timeout
        self._transport = transport
        self._observer = observer
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[httpx.Client] = []
        self._closed = False
        self._requests = 0

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._requests

    def send(self, request: Request) -> Answer | Failure:
        """Send it once and read the whole answer, within the limits of size and time."""
        began = self._clock()
        with self._client() as client:
            result = self._exchange(client, request, began + self._timeout)
        self._count(request.route, result, self._clock() - began)
        return result

    def close(self) -> None:
        """Close the idle connections. A transport that was passed in stays open."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closed = True
        for client in idle:
            self._dismiss(client)

    def _exchange(
        self, client: httpx.Client, request: Request, deadline: float
    ) -> Answer | Failure:
        try:
            prepared = self._prepare(client, request)
            response = client.send(prepared, stream=True)
            try:
                return self._read(response, deadline)
            finally:
                response.close()
        except httpx.InvalidURL:
            reason = "the address is too long or not one"
            return Failure(trouble=Trouble.CONNECT, reason=reason, sent=False, hopeless=True)
        except httpx.HTTPError as error:
            return _failure(error)

    def _prepare(self, client: httpx.Client, request: Request) -> httpx.Request:
        headers = {}
        if request.authorization is not None:
            headers["Authorization"] = request.authorization
        if request.content is not None:
            headers["Content-Type"] = request.content_type
        url = self._base_url + request.path
        return client.build_request(request.method, url, content=request.content, headers=headers)

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

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        with self._lock:
            client = self._idle.pop() if self._idle else None
        client = client or self._new_client()
        try:
            yield client
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(client)
            if not keep:
                self._dismiss(client)

    def _dismiss(self, client: httpx.Client) -> None:
        if self._transport is None:
            client.close()

    def _new_client(self) -> httpx.Client:
        secure = self._transport is None and self._base_url.startswith("https:")
        limits = httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS
        )
        try:
            return httpx.Client(
                transport=self._transport,
                verify=trusted() if secure else False,
                limits=limits,
                timeout=self._timeouts(),
                headers={"Accept": "application/json", "User-Agent": self._user_agent},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                follow_redirects=False,
                trust_env=True,
            )
        except (ValueError, ImportError, OSError) as error:
            # The error would show the proxy's address, and with it a password.
            raise Unreachable(
                f"{self.host}: the proxy or certificate settings of the environment"
                f" cannot be used ({type(error).__name__})",
                remedy="check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from None

    def _timeouts(self) -> httpx.Timeout:
        connect = min(CONNECT_SECONDS, self._timeout)
        return httpx.Timeout(connect=connect, read=self._timeout, write=self._timeout, pool=None)


@functools.cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: the library's, or what the environment names."""
    # 22 ms to make: one for the process.
    return httpx.create_ssl_context(trust_env=True)


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
