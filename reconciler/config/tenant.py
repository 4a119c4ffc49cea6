"""The `studio` section: the tenant, its credentials, and how to speak to it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from reconciler.config.addresses import StudioUrl
from reconciler.config.dates import Duration
from reconciler.config.problems import Unusable
from reconciler.config.records import Fields, Keys, Record, optional, required
from reconciler.config.scalars import Number, Whole, Word
from reconciler.config.secrets import SecretPlace
from reconciler.config.settings import AccessToken, Auth, Body, OAuth, StudioSettings

_BODIES: dict[str, Body] = {"array": "array", "wrapped": "wrapped"}


class AuthKeys(Keys):
    """`studio.auth`."""

    access_token = optional(
        SecretPlace("access_token"), "An access token; {env: NAME} or {file: PATH}."
    )
    client_id = optional(SecretPlace("client_id"), "The OAuth client's id.")
    client_secret = optional(SecretPlace("client_secret"), "The OAuth client's secret.")
    refresh_token = optional(
        SecretPlace("refresh_token"),
        "A first refresh token; renewed ones are kept in the state. `reconciler login` gets one.",
    )


def _auth(fields: Fields) -> Auth:
    token, client_id = fields[AuthKeys.access_token], fields[AuthKeys.client_id]
    secret = fields[AuthKeys.client_secret]
    by_token = fields.has(AuthKeys.access_token)
    oauth = (AuthKeys.client_id, AuthKeys.client_secret, AuthKeys.refresh_token)
    by_oauth = any(fields.has(key) for key in oauth)
    if by_token and by_oauth:
        message = "access_token and an OAuth client exclude each other; keep one of them"
        raise fields.reading.refuse(fields.location, message)
    if not by_token and not (fields.has(oauth[0]) and fields.has(oauth[1])):
        message = "auth needs access_token, or client_id and client_secret"
        raise fields.reading.refuse(fields.location, message)
    if token:
        return AccessToken(token)
    if client_id and secret:
        return OAuth(client_id, secret, fields[AuthKeys.refresh_token])
    raise Unusable


class StudioKeys(Keys):
    """`studio`."""

    url = required(
        StudioUrl("url"), "The tenant: https and a host; http on a loopback address only."
    )
    auth = required(
        Record(
            AuthKeys,
            _auth,
            "auth",
            constraints={
                "oneOf": [
                    {"required": ["access_token"]},
                    {"required": ["client_id", "client_secret"]},
                ]
            },
        ),
        "An access token, or an OAuth client.",
    )
    requests_per_second = optional(
        Number("requests_per_second", Decimal("0.1"), Decimal(1000)),
        "Pace, shared by reads and writes (10).",
        Decimal(10),
    )
    concurrency = optional(Whole("concurrency", 1, 100), "Requests in flight.", 8)
    timeout = optional(
        Duration("timeout", timedelta(seconds=1), timedelta(minutes=10)),
        "For a whole request (30s).",
        timedelta(seconds=30),
    )
    batch_size = optional(Whole("batch_size", 1, 1000), "Actions in one POST.", 50)
    permissions_body = optional(
        Word(_BODIES, "permissions_body"),
        "How a batch of actions is sent: as an array, or wrapped in an object.",
        _BODIES["array"],
    )
    me = optional(
        Whole("me", 1),
        "Studio id of the token's own user, only where the service does not show it.",
    )


def _studio(fields: Fields) -> StudioSettings:
    return StudioSettings(
        url=fields[StudioKeys.url],
        auth=fields[StudioKeys.auth],
        requests_per_second=float(fields[StudioKeys.requests_per_second]),
        concurrency=fields[StudioKeys.concurrency],
        timeout=fields[StudioKeys.timeout].total_seconds(),
        batch_size=fields[StudioKeys.batch_size],
        permissions_body=fields[StudioKeys.permissions_body],
        me=fields[StudioKeys.me],
    )


STUDIO = Record(StudioKeys, _studio, "studio")
