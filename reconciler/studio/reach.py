"""
How far the way to the service goes: its name, its certificate, an answer, its clock.

Each step is tried by itself and without a token, so that the one that fails is
named. Where a proxy stands between, the first two are the proxy's business.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeAlias
from urllib.parse import urlsplit

from reconciler.errors import Unreachable
from reconciler.studio.connections import proxy_for, trusted
from reconciler.studio.routes import Route, request
from reconciler.studio.session import Answer, Failure, Session

Pinged: TypeAlias = Answer | Failure
SECURE_PORT = 443
PLAIN_PORT = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tenant is, by its address."""

    host: str
    port: int
    secure: bool


def place(base_url: str) -> Place:
    """Where to knock for this address."""
    parts = urlsplit(base_url)
    secure = parts.scheme == "https"
    usual = SECURE_PORT if secure else PLAIN_PORT
    return Place(parts.hostname or "", parts.port or usual, secure)


def goes_by_proxy(where: Place) -> bool:
    """Whether the environment sends requests to this host through a proxy."""
    return proxy_for("https" if where.secure else "http", where.host) is not None


def addresses(where: Place) -> tuple[str, ...]:
    """What the name resolves to. Raises Unreachable."""
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(
            f"{where.host} is no name that resolves: {_words(error)}",
            remedy="check studio.url for a slip, and the resolver of this machine",
        ) from None
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def certificate_end(where: Place, seconds: float) -> datetime | None:
    """
    When the certificate ends, after a handshake as every request makes it. Raises Unreachable.

    None where it does not tell.
    """
    try:
        with (
            socket.create_connection((where.host, where.port), timeout=seconds) as plain,
            trusted().wrap_socket(plain, server_hostname=where.host) as secure,
        ):
            shown = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(
            f"{where.host} shows a certificate that is not believed: {error.verify_message}",
            remedy="if a firewall of your school opens TLS, name its authority in SSL_CERT_FILE",
        ) from None
    except OSError as error:
        raise Unreachable(
            f"{where.host} port {where.port} opens no TLS connection: {_words(error)}",
            remedy="check studio.url, and whether a firewall or a proxy stands between",
        ) from None
    end = shown.get("notAfter")
    if not isinstance(end, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)


def ping(session: Session) -> Pinged:
    """Ask without a token whether anybody is there."""
    return session.send(request("GET", Route.PING))


def clock_ahead(answer: Answer, now: datetime) -> timedelta | None:
    """How far the service's clock is ahead of ours, to the second; None where it tells none."""
    try:
        theirs = parsedate_to_datetime(answer.date or "")
    except ValueError:
        return None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    return theirs - now.replace(microsecond=0)


def _words(error: OSError | UnicodeError) -> str:
    return str(getattr(error, "strerror", None) or error)
