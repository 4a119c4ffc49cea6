"""
The service's OAuth2 token endpoint: what is sent, what comes back, what it means.

Two grants exist: a code that a person copied after their consent, and a refresh
token. Every refresh spends the refresh token it was given, so nothing is asked
twice here unless the service surely did nothing with the first asking.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeAlias, TypeGuard
from urllib.parse import quote, urlencode

from reconciler.core import pacing
from reconciler.core.pacing import Patience
from reconciler.studio.answers import Ailing, interpret, is_rate_limit
from reconciler.studio.connections import Transport
from reconciler.studio.options import ClientOptions
from reconciler.studio.pacer import Timing
from reconciler.studio.session import (
    Answer,
    Failure,
    Request,
    RequestObserver,
    Session,
)
from reconciler.studio.wire import whole_number

AUTHORIZE_PATH = "/api/public/oauth/authorize"
TOKEN_PATH = "/api/public/oauth/token"  # noqa: S105  a path, no token
# The service shows the code to the person: there is no server to send it to.
REDIRECT_URI = "urn:ietf:wg:oauth:2.0:oob"
FORM = "application/x-www-form-urlencoded"
LONGEST = 10 * 365 * 86400
VISIBLE = re.compile(r"[!-~]+")
# What RFC 6749 (5.2) and its kin may say; other words are not repeated.
CODES = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "access_denied",
    }
)
# A refresh holds a short lease, which others wait for.
TRIES = 3


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The client id and secret that the tenant's admin made."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens as granted. `life` is None where the service tells none."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    granted_at: datetime
    life: timedelta | None


@dataclass(frozen=True, slots=True)
class GrantRefused:
    """A definite no; `code` is OAuth's word, such as `invalid_grant`."""

    code: str


@dataclass(frozen=True, slots=True)
class NoGrant:
    """No usable answer. Where it is not `undone`, the refresh token may be spent."""

    reason: str
    undone: bool


GrantAnswer: TypeAlias = Grant | GrantRefused | NoGrant


def authorize_url(base_url: str, client_id: str) -> str:
    """Where a person gives their consent and is shown a code."""
    query = {"client_id": client_id, "redirect_uri": REDIRECT_URI, "response_type": "code"}
    return f"{base_url.rstrip('/')}{AUTHORIZE_PATH}?{urlencode(query, quote_via=quote)}"


class TokenEndpoint:
    """Asks for tokens. Its callers see to it that one asks at a time."""

    def __init__(
        self,
        options: ClientOptions,
        client: OAuthClient,
        timing: Timing,
        *,
        transport: Transport | None = None,
        observer: RequestObserver | None = None,
    ) -> None:
        self._session = Session(options, transport=transport, observer=observer, clock=timing.clock)
        self._client = client
        self._timing = timing
        self._patience = Patience(TRIES, options.timeout)
        self._by_header = False

    @property
    def host(self) -> str:
        return self._session.host

    def refresh(self, refresh_token: str) -> GrantAnswer:
        """Spend a refresh token for a new pair."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def exchange(self, code: str) -> GrantAnswer:
        """Spend the code that a person copied for the first pair."""
        return self._ask(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        )

    def close(self) -> None:
        self._session.close()

    def _ask(self, fields: Mapping[str, str]) -> GrantAnswer:
        """Ask, and once more with the other way to name the client where this one is refused."""
        answer = self._patiently(fields)
        if answer == GrantRefused("invalid_client"):
            # The service did not get as far as the grant: nothing is spent.
            self._by_header = not self._by_header
            answer = self._patiently(fields)
        # Nothing more is asked here for most of a token's life.
        self._session.rest()
        return answer

    def _patiently(self, fields: Mapping[str, str]) -> GrantAnswer:
        began, tried = self._timing.clock(), 0
        while True:
            asked_at = self._timing.now()
            result = self._session.send(self._request(fields))
            answer = _granted(result, asked_at)
            tried += 1
            if not isinstance(answer, NoGrant) or not answer.undone:
                return answer
            wait = self._wait(result, tried, began)
            if wait is None or self._timing.stopped_during(wait):
                return answer

    def _wait(self, result: Answer | Failure, tried: int, began: float) -> float | None:
        ailing = interpret(result, self._timing.now())
        if not isinstance(ailing, Ailing) or ailing.hopeless:
            return None
        return pacing.backoff(
            ailing.trouble,
            tried=tried,
            elapsed=self._timing.clock() - began,
            patience=self._patience,
            jitter=self._timing.jitter(),
            retry_after=ailing.retry_after,
        )

    def _request(self, fields: Mapping[str, str]) -> Request:
        plain = Request(
            method="POST",
            route="POST /oauth/token",
            path=TOKEN_PATH,
            content_type=FORM,
        )
        if self._by_header:
            return replace(
                plain, content=urlencode(fields).encode(), authorization=_basic(self._client)
            )
        named = {"client_id": self._client.id, "client_secret": self._client.secret, **fields}
        return replace(plain, content=urlencode(named).encode())


def _basic(client: OAuthClient) -> str:
    return f"Basic {base64.b64encode(f'{client.id}:{client.secret}'.encode()).decode('ascii')}"


def _granted(result: Answer | Failure, asked_at: datetime) -> GrantAnswer:
    # Nothing of the body goes into a reason: it may repeat a secret.
    if isinstance(result, Failure):
        return NoGrant(result.reason, undone=not result.sent)
    reason = f"answered {result.status}"
    document = _object(result)
    if result.status == HTTPStatus.OK:
        return _grant(document, asked_at) or NoGrant(f"{reason} without tokens", undone=False)
    if is_rate_limit(result):
        return NoGrant(reason, undone=True)
    if result.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        code = document.get("error")
        unnamed = "invalid_client" if result.status == HTTPStatus.UNAUTHORIZED else "no reason told"
        return GrantRefused(code if isinstance(code, str) and code in CODES else unnamed)
    return NoGrant(reason, undone=False)


def _grant(document: Mapping[str, object], asked_at: datetime) -> Grant | None:
    access, refresh = document.get("access_token"), document.get("refresh_token")
    if not is_token(access) or not (refresh is None or is_token(refresh)):
        return None
    seconds = whole_number(document.get("expires_in"))
    life = None if seconds is None or seconds <= 0 else timedelta(seconds=min(seconds, LONGEST))
    return Grant(access, refresh, asked_at, life)


def is_token(value: object) -> TypeGuard[str]:
    """Whether it can stand in a header: visible ASCII, and some of it."""
    return isinstance(value, str) and VISIBLE.fullmatch(value) is not None


def _object(answer: Answer) -> Mapping[str, object]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
