"""
The OAuth endpoints: a consent that shows a code, and the exchange for tokens.

There is no log-in page: whoever opens the consent is the tenant's `me`. Clients
authenticate by Basic header or by fields of the body, and a redirect to
localhost or plain http is refused (STUDIO_API, "OAuth2").
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import replace
from datetime import datetime
from html import escape
from urllib.parse import urlencode, urlsplit

from reconciler.sandbox.audit import Changed
from reconciler.sandbox.credentials import Credentials
from reconciler.sandbox.messages import Request, Response, answer, page
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import World

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
AUTHORIZE = "/api/public/oauth/authorize"
TOKEN = "/api/public/oauth/token"  # noqa: S105 - a path, not a secret


class Invalid(Exception):
    """A refusal in OAuth's words."""

    def __init__(self, error: str, status: int = 400) -> None:
        self.error = error
        self.status = status
        super().__init__(error)


def authorize(world: World, request: Request) -> tuple[Changed, Response]:
    """Give the consent: a page that shows the code, or a redirect that carries it."""
    query = request.query
    target = query.get("redirect_uri", OUT_OF_BAND)
    if query.get("client_id") != world.credentials.client_id:
        return Changed(world), page("<h1>The client is not known</h1>", 401)
    if query.get("response_type", "code") != "code" or not _is_allowed(target):
        return Changed(world), page("<h1>The requested redirect uri is not valid</h1>", 400)
    credentials, code = world.credentials.with_code(world.me)
    given = Changed(replace(world, credentials=credentials))
    if target == OUT_OF_BAND:
        return given, page(f"<h1>Authorization code</h1>\n<p><code>{escape(code)}</code></p>")
    fields = {"code": code} | ({"state": query["state"]} if "state" in query else {})
    join = "&" if urlsplit(target).query else "?"
    return given, Response(302, headers={"Location": f"{target}{join}{urlencode(fields)}"})


def token(
    world: World, switches: Switches, request: Request, now: datetime
) -> tuple[Changed, Response]:
    """Exchange a code or a refresh token for a new pair."""
    try:
        _require_client(world.credentials, request)
        spent, user = _spend(world.credentials, switches, request)
    except Invalid as error:
        return Changed(world), answer({"error": error.error}, error.status)
    credentials, pair = spent.with_pair(user, now, switches.expires_in)
    document = {
        "access_token": pair.access,
        "token_type": "bearer",
        "expires_in": switches.expires_in,
        "refresh_token": pair.refresh,
        "created_at": int(now.timestamp()),
    }
    return Changed(replace(world, credentials=credentials)), answer(document)


def _spend(
    credentials: Credentials, switches: Switches, request: Request
) -> tuple[Credentials, int]:
    """Use up what the client brings; say whom it stands for."""
    form = request.form
    match form.get("grant_type"):
        case "refresh_token":
            given = form.get("refresh_token", "")
            if given not in credentials.refresh:
                raise Invalid("invalid_grant")
            rest = credentials.without_refresh(given) if switches.refresh_rotates else credentials
            return rest, credentials.refresh[given]
        case "authorization_code":
            given = form.get("code", "")
            if given not in credentials.codes:
                raise Invalid("invalid_grant")
            return credentials.without_code(given), credentials.codes[given]
        case None:
            raise Invalid("invalid_request")
        case _:
            raise Invalid("unsupported_grant_type")


def _require_client(credentials: Credentials, request: Request) -> None:
    given = _basic(request.headers.get("authorization", "")) or (
        request.form.get("client_id", ""),
        request.form.get("client_secret", ""),
    )
    known = (credentials.client_id, credentials.client_secret)
    if not hmac.compare_digest(":".join(given).encode(), ":".join(known).encode()):
        raise Invalid("invalid_client", 401)


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return id, secret


def _is_allowed(target: str) -> bool:
    if target == OUT_OF_BAND:
        return True
    parts = urlsplit(target)
    local = parts.hostname in {None, "localhost", "127.0.0.1", "::1"}
    return parts.scheme == "https" and not local
