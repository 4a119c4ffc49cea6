"""
Telling people: a webhook that takes JSON, and whatever Apprise reaches.

Addresses are secrets: they are read when a letter goes out, and appear in no
message. Nothing but https leaves this machine, and no redirect is followed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import httpx

from reconciler.config.addresses import webhook_trouble
from reconciler.config.secrets import SecretSource
from reconciler.config.settings import AppriseService, Notified, Webhook, WrittenUrl
from reconciler.daemon.letter import Letter, signature
from reconciler.daemon.outbox import NotDelivered, Target
from reconciler.errors import ConfigError

SECONDS = 5.0
"""To connect, and between two pieces of the answer."""

SIGNATURE = "X-Reconciler-Signature"


def targets(
    notified: Iterable[Notified], environment: Mapping[str, str] = os.environ
) -> tuple[Target, ...]:
    """Everybody whom the file asks to be told. Nothing is read or opened yet."""
    return tuple(_target(each, number, environment) for number, each in enumerate(notified, 1))


def _target(notified: Notified, number: int, environment: Mapping[str, str]) -> Target:
    if isinstance(notified, AppriseService):
        return AppriseTarget(
            f"notify {number} (apprise)", partial(_read, notified.url, environment)
        )
    return _webhook(notified, f"notify {number} (webhook)", environment)


def _webhook(webhook: Webhook, name: str, environment: Mapping[str, str]) -> WebhookTarget:
    secret = None if webhook.secret is None else partial(_read, webhook.secret, environment)
    if isinstance(webhook.url, WrittenUrl):
        written = webhook.url.text
        return WebhookTarget(name, lambda: written, secret)
    return WebhookTarget(name, partial(_read, webhook.url, environment), secret)


def _read(source: SecretSource, environment: Mapping[str, str]) -> str:
    try:
        return source.read(environment).reveal()
    except ConfigError as error:
        raise NotDelivered(str(error)) from None


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """A URL that takes each letter as JSON; any 2xx will do."""

    name: str
    url: Callable[[], str]
    secret: Callable[[], str] | None = None

    def deliver(self, letter: Letter) -> None:
        url, body = self.url(), letter.body()
        if trouble := webhook_trouble(url):
            raise NotDelivered(f"its url {trouble}")
        headers = {"Content-Type": "application/json", "User-Agent": "reconciler"}
        if self.secret is not None:
            headers[SIGNATURE] = signature(body, self.secret())
        status = _post(url, body, headers)
        if not httpx.codes.is_success(status):
            hint = "; redirects are not followed" if httpx.codes.is_redirect(status) else ""
            raise NotDelivered(f"it answered {status}{hint}")


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer; its body is not read."""
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return answer.status_code
    # The library's own words may hold the address; so do those about a proxy, or a certificate.
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        raise NotDelivered(f"it could not be reached ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True)
class AppriseTarget:
    """One Apprise URL."""

    name: str
    url: Callable[[], str]

    def deliver(self, letter: Letter) -> None:
        try:
            import apprise  # noqa: PLC0415 - an extra, and 0.3 s of import
        except ImportError:
            remedy = "pip install 'studio-reconciler[notify]'"
            raise NotDelivered(f"Apprise is not installed: {remedy}") from None
        # They log addresses, and with them credentials; whether it worked is told all the same.
        for name in ("apprise", "urllib3"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False))
        if not service.add(self.url()):
            raise NotDelivered("Apprise does not know what its url means")
        if not service.notify(body=letter.text, title=letter.title):
            raise NotDelivered("Apprise could not deliver it")
