"""HTTP/1.1 as one polite client speaks it: whole requests out of bytes, answers into bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from reconciler.sandbox.messages import Response

END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. Header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def host(self) -> str:
        """The host it was meant for, without its port."""
        return self.headers.get("host", "").partition(":")[0]

    @property
    def token(self) -> str:
        """The token it came with; empty without one."""
        return self.headers.get("authorization", "").partition(" ")[2]


def take(buffer: bytearray) -> Asked | None:
    """Take the first whole request out of what has come; None while it is not all there."""
    end = buffer.find(END_OF_HEAD)
    if end < 0:
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = dict(_header(line) for line in lines)
    whole = end + len(END_OF_HEAD) + int(headers.get("content-length", "0"))
    if len(buffer) < whole:
        return None
    body = bytes(buffer[end + len(END_OF_HEAD) : whole])
    del buffer[:whole]
    method, target, _ = first.split(" ")
    return Asked(method, target, headers, body)


def written(response: Response) -> bytes:
    """Put an answer into bytes."""
    head = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
    ]
    return "\r\n".join(head).encode("latin-1") + END_OF_HEAD + response.body


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()
