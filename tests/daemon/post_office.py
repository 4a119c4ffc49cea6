"""A server on this machine that takes letters, and answers as it is told."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class PostOffice:
    """`statuses` are answered one after the other, 200 when there are no more."""

    url: str
    statuses: list[int] = field(default_factory=list)
    received: queue.Queue[Received] = field(default_factory=queue.Queue)

    def next(self) -> Received:
        return self.received.get(timeout=SECONDS)


@contextmanager
def post_office() -> Iterator[PostOffice]:
    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            office.received.put(Received(self.path, dict(self.headers), body))
            status = office.statuses.pop(0) if office.statuses else 200
            self.send_response(status)
            self.send_header("Location", f"{office.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        office = PostOffice(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield office
        finally:
            server.shutdown()
