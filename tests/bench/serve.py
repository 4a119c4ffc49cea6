"""
The bench's server, a process of its own: many tenants on one port, told apart by their host.

`python -m tests.bench.serve SPEC` serves what the JSON in SPEC says and prints
a line once it listens. It listens on loopback alone. What is asked below
`/bench/` is about the server itself: tallies, the latency, the limit, drift.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from reconciler.sandbox.messages import answer
from tests.bench.big import big_world
from tests.bench.house import REFUSED, House, told
from tests.bench.raw import Asked, take, written

CONTROL = "/bench/"


class Street:
    """All the tenants, and how long each answer takes on its way (seconds)."""

    def __init__(self, houses: Mapping[str, House]) -> None:
        self.houses = houses
        self.latency = 0.0

    def command(self, asked: Asked) -> bytes:
        """Answer what is asked about the server itself."""
        target = urlsplit(asked.target)
        act: Callable[..., object] = getattr(self, f"do_{target.path.removeprefix(CONTROL)}")
        if asked.method == "GET":
            return written(answer(act(**dict(parse_qsl(target.query)))))
        return written(answer(act(**json.loads(asked.body))))

    def do_tally(self) -> dict[str, Any]:
        return told(self.houses) | {"cpu": time.process_time()}

    def do_writes(self) -> list[dict[str, Any]]:
        return [asdict(write) for house in self.houses.values() for write in house.writes]

    def do_shares(self, host: str) -> dict[int, dict[str, str]]:
        return self.houses[host].shares()

    def do_begin(self, latency: float, per_second: int | None) -> None:
        """Count anew, under another latency and limit."""
        self.latency = latency
        for house in self.houses.values():
            house.clear()
            house.per_second = per_second

    def do_drift(self, host: str, collection: int, principal: str, level: str | None) -> None:
        self.houses[host].drift(collection, principal, level)


class Connection(asyncio.Protocol):
    """One client's connection; what is under way when it breaks takes effect all the same."""

    _transport: asyncio.Transport

    def __init__(self, street: Street, loop: asyncio.AbstractEventLoop) -> None:
        self._street = street
        self._loop = loop
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (asked := take(self._buffer)) is not None:
            self._arrive(asked)

    def _arrive(self, asked: Asked) -> None:
        if asked.target.startswith(CONTROL):
            self._transport.write(self._street.command(asked))
            return
        began, house = time.time(), self._street.houses[asked.host]
        if not house.admit(asked, began):
            self._after_a_while(lambda: self._transport.write(REFUSED))
        else:
            self._after_a_while(lambda: self._answer(house, asked, began))

    def _answer(self, house: House, asked: Asked, began: float) -> None:
        self._transport.write(house.answer(asked, began, time.time()))

    def _after_a_while(self, act: Callable[[], None]) -> None:
        if self._street.latency:
            self._loop.call_later(self._street.latency, act)
        else:
            act()


async def serve(street: Street, port: int) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(street, loop), list(street.houses), port, backlog=1024
    )
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await server.serve_forever()


def street_of(spec: Mapping[str, Any]) -> Street:
    """Build what a spec asks for: `tenants` maps a host to the arguments of its world."""
    street = Street(
        {host: House(host, big_world(**size)) for host, size in spec["tenants"].items()}
    )
    for house in street.houses.values():
        house.render()
    return street


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asyncio.run(serve(street_of(spec), spec["port"]))


if __name__ == "__main__":
    main()
