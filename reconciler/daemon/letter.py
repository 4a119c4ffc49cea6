"""A message as it is sent: for whom, when, and as which bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from reconciler.core.document import instant
from reconciler.daemon.notices import Message

FORMAT = "reconciler.notice/1"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its tenant and time. The id stays the same when it is sent again."""

    message: Message
    tenant: str
    at: datetime
    id: str

    @property
    def title(self) -> str:
        return f"{self.tenant}: {self.message.title}"

    @property
    def text(self) -> str:
        """The lines for people; the title where there are none."""
        return "\n".join(self.message.lines) or self.message.title

    def body(self) -> bytes:
        """The letter as JSON: keys sorted, so that equal letters are equal bytes."""
        document = {
            "format": FORMAT,
            "id": self.id,
            "at": instant(self.at),
            "tenant": self.tenant,
            "topic": self.message.topic,
            "turn": self.message.turn,
            "title": self.message.title,
            "lines": list(self.message.lines),
        }
        return json.dumps(document, sort_keys=True).encode()


def signature(body: bytes, secret: str) -> str:
    """The value of X-Reconciler-Signature: whoever has the secret can tell who sent the body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
