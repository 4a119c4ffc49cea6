"""The `notify` section: who is told of a change of state. Addresses may be secrets themselves."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.config.addresses import webhook_trouble
from reconciler.config.nodes import Mapping, Node
from reconciler.config.problems import Unusable
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.records import Fields, Keys, Record, optional, required
from reconciler.config.scalars import scalar
from reconciler.config.secrets import SecretPlace, SecretSource
from reconciler.config.settings import AppriseService, Notified, Webhook, WrittenUrl
from reconciler.config.shapes import ListOf


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """
    Where a webhook is: a URL, or `{env: NAME}` or `{file: PATH}` where one is.

    No message repeats it: whoever knows the address of a chat's webhook may post there.
    """

    noun: str

    def read(self, node: Node, reading: Reading) -> SecretSource | WrittenUrl:
        if isinstance(node, Mapping):
            return SecretPlace(self.noun).read(node, reading)
        text = scalar(node, self.noun, reading).text
        if trouble := webhook_trouble(text):
            raise reading.refuse(node.location, f"{self.noun} {trouble}")
        return WrittenUrl(text)

    def schema(self) -> JsonSchema:
        url = {"type": "string", "format": "uri", "pattern": "^https?://"}
        return {"anyOf": [url, SecretPlace(self.noun).schema()]}


class WebhookKeys(Keys):
    """`webhook` in an entry of `notify`."""

    url = required(
        WebhookUrl("url"), "Where the JSON is posted: https, or {env: NAME} or {file: PATH}."
    )
    secret = optional(
        SecretPlace("secret"),
        "Signs each post: X-Reconciler-Signature is sha256= and the body's HMAC in hex.",
    )


def _webhook(fields: Fields) -> Webhook:
    if fields.has(WebhookKeys.secret) and fields[WebhookKeys.secret] is None:
        # Told already. Posting unsigned is not what was asked for.
        raise Unusable
    return Webhook(fields[WebhookKeys.url], fields[WebhookKeys.secret])


class NotifiedKeys(Keys):
    """One entry of `notify`: exactly one of the two."""

    webhook = optional(
        Record(WebhookKeys, _webhook, "webhook"), "A URL that takes JSON, signed if you like."
    )
    apprise = optional(
        SecretPlace("apprise"),
        "An Apprise URL for mail, chat and the rest; needs the extra `notify`.",
    )


def _notified(fields: Fields) -> Notified:
    if fields.has(NotifiedKeys.webhook) == fields.has(NotifiedKeys.apprise):
        message = "an entry of notify is either a webhook or an apprise; write one a list item"
        raise fields.reading.refuse(fields.location, message)
    if webhook := fields[NotifiedKeys.webhook]:
        return webhook
    if apprise := fields[NotifiedKeys.apprise]:
        return AppriseService(apprise)
    raise Unusable


NOTIFY = ListOf(
    Record(
        NotifiedKeys,
        _notified,
        "an entry of notify",
        constraints={"oneOf": [{"required": ["webhook"]}, {"required": ["apprise"]}]},
    ),
    "notify",
)
