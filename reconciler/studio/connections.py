"""
Connections to one tenant: lent to whoever sends, kept while they are of use.

A connection carries one request at a time. There are as many as requests were
under way at once, because the library's own pool costs more the larger it is,
and none is opened before it is needed. What sends through them is the library's
transport and not its client, whose cookies, redirects and authentication
nothing here may use, and which doubles the cost of a request.
"""

from __future__ import annotations

import functools
import ssl
import threading
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from reconciler.errors import Unreachable

Transport: TypeAlias = httpx.BaseTransport

# Calls are paced: the library's five seconds would cost a handshake each time.
KEEP_ALIVE_SECONDS = 60.0


class Connections:
    """
    The idle connections to one tenant. Safe to share between threads.

    A transport that was passed in is lent to everybody, and never closed.
    """

    def __init__(self, base_url: str, transport: Transport | None = None) -> None:
        self._address = urlsplit(base_url)
        self._transport = transport
        self._lock = threading.Lock()
        self._idle: list[Transport] = []
        self._keeps = True

    def borrow(self) -> Transport:
        """A connection of one's own until it is given back. Raises Unreachable."""
        if self._transport is not None:
            return self._transport
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _connection(self._address)

    def give_back(self, transport: Transport) -> None:
        """Keep it for the next request, or close it where nothing is kept any more."""
        if transport is self._transport:
            return
        with self._lock:
            if self._keeps:
                self._idle.append(transport)
                return
        transport.close()

    def rest(self) -> None:
        """Close what is idle: a tenant that waits for its next pass holds no socket."""
        with self._lock:
            idle, self._idle = self._idle, []
        for transport in idle:
            transport.close()

    def close(self) -> None:
        """Close what is idle, and whatever is given back from now on."""
        self._keeps = False
        self.rest()


def proxy_for(scheme: str, host: str) -> str | None:
    """The proxy that the environment names for a host; None where it is asked directly."""
    proxies = getproxies()
    chosen = proxies.get(scheme) or proxies.get("all")
    return None if chosen is None or proxy_bypass(host) else chosen


@functools.cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: the library's, or what the environment names."""
    # 22 ms to make: one for the process, whatever the number of tenants.
    return httpx.create_ssl_context(trust_env=True)


def _connection(address: SplitResult) -> Transport:
    try:
        return httpx.HTTPTransport(
            verify=trusted() if address.scheme == "https" else False,
            limits=httpx.Limits(
                max_connections=1,
                max_keepalive_connections=1,
                keepalive_expiry=KEEP_ALIVE_SECONDS,
            ),
            proxy=_proxy(address),
        )
    except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
        # The error would show the proxy's address, and with it a password.
        raise Unreachable(
            f"{address.hostname}: the proxy or certificate settings of the environment"
            f" cannot be used ({type(error).__name__})",
            remedy="check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
        ) from None


def _proxy(address: SplitResult) -> httpx.Proxy | None:
    chosen = proxy_for(address.scheme, address.hostname or "")
    if chosen is None:
        return None
    return httpx.Proxy(chosen if "://" in chosen else f"http://{chosen}")
