"""
What an answer means: the service's statuses and habits, read once for reads and writes. Pure.

The service says no in JSON (`{"error": "…"}`), but HTML and empty bodies occur
too; it limits by 429, and by 403 with words about a rate limit.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeAlias

from reconciler.core.pacing import Trouble, retry_after_seconds
from reconciler.studio.session import Answer, Failure

LONGEST_MESSAGE = 300
RATE_LIMIT_WORDS = ("rate limit", "rate_limit", "too many requests", "throttl")


@dataclass(frozen=True, slots=True)
class Document:
    """A success with a JSON value, whatever its shape."""

    value: object


@dataclass(frozen=True, slots=True)
class Declined:
    """A definite answer that is no success: a 4xx, or a redirect, which is not followed."""

    status: int
    message: str

    def __str__(self) -> str:
        return f"answered {self.status}{': ' if self.message else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """A 401. The service did nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailing:
    """
    No usable answer; asking again may help, unless `hopeless`.

    `undone` is True where the service surely did nothing: a write may then be
    sent again.
    """

    trouble: Trouble
    reason: str
    undone: bool = False
    hopeless: bool = False
    status: int | None = None
    retry_after: float | None = None


Meaning: TypeAlias = Document | Declined | TokenRefused | Ailing


def interpret(result: Answer | Failure, now: datetime) -> Meaning:
    """Say what came back. `now` is for a Retry-After that names a date."""
    if isinstance(result, Failure):
        return Ailing(
            trouble=result.trouble,
            reason=result.reason,
            undone=not result.sent,
            hopeless=result.hopeless,
        )
    if HTTPStatus.OK <= result.status < HTTPStatus.MULTIPLE_CHOICES:
        return _document(result)
    if result.status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused()
    trouble = _trouble(result)
    if trouble is None:
        return Declined(result.status, message(result))
    return _ailing(result, trouble, now)


def _trouble(answer: Answer) -> Trouble | None:
    """What ails the service by its status; None where it is well and says no."""
    if is_rate_limit(answer):
        return Trouble.RATE_LIMIT
    if answer.status == HTTPStatus.REQUEST_TIMEOUT:
        return Trouble.TIMEOUT
    return Trouble.SERVER if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else None


def is_rate_limit(answer: Answer) -> bool:
    """Whether the service asks for fewer requests, in either of its two ways."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if answer.status != HTTPStatus.FORBIDDEN:
        return False
    text = answer.body[:2000].decode("utf-8", "replace").lower()
    return any(words in text for words in RATE_LIMIT_WORDS)


def message(answer: Answer) -> str:
    """What the service says about it, in one short line; nothing where it speaks HTML."""
    if answer.location is not None:
        return f"redirects to {answer.location}, which is not followed"
    if is_html(answer):
        return "an HTML page"
    text = answer.body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = _said(json.loads(text))
    return "".join(c if c.isprintable() else " " for c in text).strip()[:LONGEST_MESSAGE]


def is_html(answer: Answer) -> bool:
    return "html" in answer.content_type.lower() or answer.body.lstrip()[:1] == b"<"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        for key in ("error", "error_description", "message", "errors"):
            if key in value:
                return _said(value[key])
    return value if isinstance(value, str) else json.dumps(value)


def _document(answer: Answer) -> Document | Ailing:
    try:
        return Document(json.loads(answer.body))
    except (ValueError, RecursionError):
        what = "an HTML page" if is_html(answer) else "something that is no JSON"
        return Ailing(
            trouble=Trouble.GARBAGE,
            reason=f"answered {answer.status} with {what}",
            status=answer.status,
        )


def _ailing(answer: Answer, trouble: Trouble, now: datetime) -> Ailing:
    return Ailing(
        trouble=trouble,
        reason=str(Declined(answer.status, message(answer))),
        undone=trouble is Trouble.RATE_LIMIT,
        status=answer.status,
        retry_after=retry_after_seconds(answer.retry_after, now),
    )
