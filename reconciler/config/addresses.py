"""Addresses on the network: the tenant's URL, and where the status page listens."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from reconciler.config.nodes import Node
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.scalars import scalar

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_LISTEN = re.compile(r"(\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]/\s]+)):(?P<port>[0-9]{1,5})")
_MOST_PORT = 65535


@dataclass(frozen=True, slots=True)
class StudioUrl:
    """
    The tenant's base URL: https, or http on a loopback address; a host and nothing more.

    No message repeats it: credentials may have been written into it.
    """

    noun: str

    def read(self, node: Node, reading: Reading) -> str:
        trouble, url = _judge(scalar(node, self.noun, reading).text)
        if trouble:
            raise reading.refuse(node.location, f"{self.noun} {trouble}")
        return url

    def schema(self) -> JsonSchema:
        return {"type": "string", "format": "uri", "pattern": "^https?://"}


def _judge(text: str) -> tuple[str | None, str]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL; write https://yourschool.instructuremedia.com", ""
    if trouble := _trouble(parts, host, text):
        return trouble, ""
    written = f"[{host}]" if ":" in host else host
    return None, f"{parts.scheme}://{written}" + (f":{port}" if port is not None else "")


def _trouble(parts: SplitResult, host: str, text: str) -> str | None:
    if parts.scheme not in {"http", "https"} or not host:
        return "must begin with https://, as in https://yourschool.instructuremedia.com"
    if "@" in parts.netloc:
        return "must not hold a name or password; they belong under studio.auth, as {env: NAME}"
    if parts.path not in {"", "/"} or "?" in text or "#" in text:
        return "must end after the host; leave out the path, ? and #"
    if not (is_loopback(host) or _HOST.fullmatch(host) or _is_address(host)):
        return "has a host that cannot be; write it as in the browser's address bar"
    if parts.scheme == "http" and not is_loopback(host):
        return "must be https; http would send the token in the clear (only a loopback may)"
    return None


def webhook_trouble(text: str) -> str | None:
    """What is wrong with a webhook's URL, without repeating it; None where it can be used."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in {"http", "https"} or not host or not text.isprintable() or " " in text:
        return "must be a URL that begins with https://"
    if "@" in parts.netloc:
        return "must not hold a name or password; sign with `secret` instead"
    if not (is_loopback(host) or _HOST.fullmatch(host) or _is_address(host)):
        return "has a host that cannot be"
    if parts.scheme == "http" and not is_loopback(host):
        return "must be https; http would tell everybody on the way (only a loopback may)"
    return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host: an address, or the name `localhost`."""
    if host == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


@dataclass(frozen=True, slots=True)
class Listen:
    """HOST:PORT to listen on; IPv6 in brackets; port 0 lets the system choose."""

    noun: str

    def read(self, node: Node, reading: Reading) -> tuple[str, int]:
        written = _LISTEN.fullmatch(scalar(node, self.noun, reading).text)
        if written is None or int(written["port"]) > _MOST_PORT:
            message = f"{self.noun} must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"
            raise reading.refuse(node.location, message)
        return written["six"] or written["host"], int(written["port"])

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": ":[0-9]{1,5}$"}
