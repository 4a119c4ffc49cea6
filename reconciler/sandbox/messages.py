"""
A request and its answer, free of any HTTP library.

A response also says how it reaches the client: whole, late, cut off or not at
all. What carries it (`transport`, `server`) makes that true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from urllib.parse import parse_qsl, unquote


class Ending(StrEnum):
    """How an answer reaches the client."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    RESET = "reset"
    TIMEOUT = "timeout"
    REFUSED = "refused"


MOST_DIGITS = 18


@dataclass(frozen=True)
class Request:
    """What a client asks. Header names are lower case; the path is without the query."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Request:
        """
        Read a request target (`/path?query`).

        Slashes in a row are one, as the service takes them: the vendor's own
        client writes two. Of a parameter given twice the last one counts.
        """
        path, _, query = target.partition("?")
        return cls(
            method=method,
            path=re.sub("/+", "/", unquote(path)),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in headers.items()},
            body=body,
        )

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The body as a posted form; empty where it is none."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; `ending` and `delay` (seconds) say how it reaches the client."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = Ending.WHOLE
    delay: float = 0.0


def whole_number(written: str) -> int | None:
    """Read a number as paths and queries hold it: digits alone, and no more than an id has."""
    if written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS:
        return int(written)
    return None


def answer(document: object, status: int = 200) -> Response:
    """Answer a JSON document."""
    return Response(status, json.dumps(document, ensure_ascii=False).encode())


def page(html: str, status: int = 200) -> Response:
    """Answer an HTML page."""
    return Response(status, html.encode(), "text/html; charset=utf-8")


class Refused(Exception):
    """The service answers an error: a status and a sentence, as `{"error": …}`."""

    def __init__(self, status: int, error: str) -> None:
        self.status = status
        self.error = error
        super().__init__(f"{status}: {error}")

    def response(self) -> Response:
        return answer({"error": self.error}, self.status)
