"""The bench's server seen from the bench: started, asked, ended."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Tally:
    """
    What the server was asked since it began to count.

    `first` and `last` are instants (seconds since 1970): the first arrival and
    the last answer. `cpu` is what the server itself has used so far, in seconds.
    """

    requests: int
    limited: int
    posts: int
    first: float
    last: float
    by_token: Mapping[str, int]
    cpu: float

    @property
    def wall(self) -> float:
        return self.last - self.first

    @property
    def gets(self) -> int:
        return self.requests - self.posts


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and the hosts of its tenants."""

    hosts: tuple[str, ...]
    port: int

    @property
    def url(self) -> str:
        """The address of the first tenant."""
        return self.url_of(self.hosts[0])

    def url_of(self, host: str) -> str:
        return f"http://{host}:{self.port}"

    def begin(self, *, latency: float = 0.0, per_second: int | None = None) -> None:
        """Count anew; each answer now takes so many seconds, each tenant bears so much."""
        self._ask("begin", {"latency": latency, "per_second": per_second})

    def tally(self) -> Tally:
        return Tally(**self._ask("tally"))

    def writes(self) -> list[dict[str, Any]]:
        """All writes of all tenants, each as a `house.Write`."""
        writes: list[dict[str, Any]] = self._ask("writes")
        return writes

    def shares(self, host: str) -> dict[int, dict[str, str]]:
        """The level of each principal (`user:5`) on each collection of a tenant."""
        told = self._ask(f"shares?host={host}")
        return {int(id): shares for id, shares in told.items()}

    def drift(self, host: str, collection: int, principal: str, level: str | None) -> None:
        """Let somebody change a share in the browser; None takes it away."""
        self._ask(
            "drift",
            {"host": host, "collection": collection, "principal": principal, "level": level},
        )

    def _ask(self, what: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        connection = HTTPConnection(self.hosts[0], self.port, timeout=60)
        try:
            connection.request(
                "GET" if body is None else "POST",
                f"/bench/{what}",
                None if body is None else json.dumps(body),
            )
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def serving(tenants: Mapping[str, Mapping[str, Any]], folder: Path) -> Iterator[Server]:
    """
    Serve these tenants for the length of the block.

    `tenants` maps a loopback address to the arguments of `big_world`; the spec
    is written into the folder.
    """
    port = free_port()
    spec = folder / f"spec-{port}.json"
    spec.write_text(json.dumps({"port": port, "tenants": tenants}), encoding="utf-8")
    command = [sys.executable, "-m", "tests.bench.serve", str(spec)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None
            if process.stdout.readline() != b"listening\n":
                raise RuntimeError("the bench's server did not start")
            yield Server(tuple(tenants), port)
        finally:
            process.kill()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
