"""
What every request passes first, and every answer carries.

Nothing but GET and HEAD; who asks must be let in, but for the two health
checks; no page may be framed, sniffed, kept or read by another site. Without
`daemon.auth` only this machine can ask, and a Host that is somebody's name is
refused: a page elsewhere could point its own name here to read along.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reconciler.config.settings import Bearer, PageAuth
from reconciler.errors import ConfigError

log = structlog.get_logger()

OPEN = frozenset({"/healthz", "/readyz"})
_LET_IN = "reconciler.let_in"
METHODS = ("GET", "HEAD")
_PORT = re.compile(r":[0-9]*\Z")


class Gate:
    """
    Stands before an application.

    `auth` tells who may ask (None: whoever reaches us), its secret read anew at
    every request; `policy` is the Content-Security-Policy of the pages.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: PageAuth | None,
        environment: Mapping[str, str],
        policy: str,
    ) -> None:
        self._app = app
        self._auth = auth
        self._environment = environment
        self._headers = _headers(policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on, one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        if scope["type"] == "http":
            answer = self._answer(scope)
            await answer(scope, receive, send_with_headers)

    def _answer(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in METHODS:
            headers = {"Allow": ", ".join(METHODS)}
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "this page is read only", headers)
        refusal = self._refusal(scope)
        scope[_LET_IN] = refusal is None
        return self._app if refusal is None or scope["path"] in OPEN else refusal

    def _refusal(self, scope: Scope) -> Response | None:
        asked = Headers(scope=scope)
        if self._auth is None:
            return None if names_no_site(asked.get("host", "")) else _misdirected()
        try:
            wanted = credential(self._auth, self._environment)
        except ConfigError as error:
            log.warning("nobody is let in: the pages' own secret cannot be read", error=str(error))
            told = "the secret of this page cannot be read; the log says more"
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE, told)
        return None if shows(asked.get("authorization", ""), wanted) else _unauthorized(self._auth)


def is_let_in(request: Request) -> bool:
    """Whether who asks for a health check would be shown the pages too, and names with them."""
    return bool(request.scope.get(_LET_IN))


def credential(auth: PageAuth, environment: Mapping[str, str]) -> str:
    """What the Authorization header must say. Raises ConfigError where the secret is not there."""
    if isinstance(auth, Bearer):
        return f"Bearer {auth.token.read(environment).reveal()}"
    pair = f"{auth.user}:{auth.password.read(environment).reveal()}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def shows(given: str, wanted: str) -> bool:
    """Whether the header says what it must, in a time that tells nothing of how much was right."""
    scheme, _, secret = given.strip().partition(" ")
    spoken = f"{scheme.capitalize()} {secret.strip()}"
    return hmac.compare_digest(_hashed(spoken), _hashed(wanted))


def _hashed(text: str) -> bytes:
    # Of equal length, whatever is guessed.
    return hashlib.sha256(text.encode()).digest()


def names_no_site(host: str) -> bool:
    """Whether a Host header is an address or `localhost`: what no other site can be called."""
    name = _PORT.sub("", host).removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.lower() == "localhost"
    return True


def _misdirected() -> Response:
    told = "ask for this page by its address (127.0.0.1), or set daemon.auth to use a name"
    return _plain(HTTPStatus.MISDIRECTED_REQUEST, told)


def _unauthorized(auth: PageAuth) -> Response:
    scheme = "Bearer" if isinstance(auth, Bearer) else "Basic"
    challenge = f'{scheme} realm="reconciler", charset="UTF-8"'
    return _plain(HTTPStatus.UNAUTHORIZED, "not let in", {"WWW-Authenticate": challenge})


def _plain(
    status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None
) -> PlainTextResponse:
    return PlainTextResponse(f"{text}\n", status, headers)


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
