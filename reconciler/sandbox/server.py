"""
The tenant behind HTTP, with its faults for real: closed sockets, stalls, half answers.

A connection that is to be refused is closed without an answer instead: it had
to be accepted before the request could be read.
"""

from __future__ import annotations

import select
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

from reconciler.sandbox.messages import Ending, Request, Response, answer, whole_number
from reconciler.sandbox.tenant import Tenant

MOST_BYTES = 1 << 20
IDLE_SECONDS = 60
GLANCE_SECONDS = 0.05

Connection: TypeAlias = socket.socket | tuple[bytes, socket.socket]
"""What the library calls a request; a TCP server's are all sockets."""


def serve(
    tenant: Tenant,
    *,
    port: int,
    host: str = "127.0.0.1",
    ready: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """
    Serve until `stop` is set. Port 0 picks a free one; `ready` is told which.

    Raises OSError where the port is taken.
    """
    with _Server((host, port), tenant, stop) as server:
        thread = threading.Thread(target=server.serve_forever, args=(GLANCE_SECONDS,), daemon=True)
        thread.start()
        try:
            ready(server.server_address[1])
            stop.wait()
        finally:
            stop.set()
            server.shutdown()
            server.hang_up()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], tenant: Tenant, stop: threading.Event) -> None:
        self.tenant = tenant
        self.stop = stop
        self._open: set[Connection] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Connection, client_address: object) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Connection) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open, so that nothing is answered any more."""
        for connection in tuple(self._open):
            if isinstance(connection, socket.socket):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Connection, client_address: object) -> None:
        """A client that goes away is no error of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after another from a connection, and answers as the tenant says."""

    protocol_version = "HTTP/1.1"
    server_version = "studio-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    wbufsize = -1
    server: _Server

    def answer_request(self) -> None:
        body = self._body()
        if isinstance(body, Response):
            self.close_connection = True
            self._send(body)
            return
        request = Request.of(self.command, self.path, dict(self.headers.items()), body)
        response = self.server.tenant.handle(request)
        if response.delay:
            self.server.stop.wait(response.delay)
        self._deliver(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer_request  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tenant has a log of its own."""

    def _body(self) -> bytes | Response:
        """The body, or the answer to a client whose body is not taken."""
        if "Transfer-Encoding" in self.headers:
            return answer({"error": "a body needs its length"}, 411)
        length = whole_number(self.headers.get("Content-Length", "0"))
        if length is None:
            return answer({"error": "the length of the body is not a number"}, 400)
        if length > MOST_BYTES:
            return answer({"error": f"the body is over {MOST_BYTES} bytes"}, 413)
        return self.rfile.read(length)

    def _deliver(self, response: Response) -> None:
        match response.ending:
            case Ending.WHOLE:
                self._send(response)
            case Ending.TRUNCATED:
                self._send(response, part=len(response.body) // 2)
                self.close_connection = True
            case Ending.TIMEOUT:
                self._stall()
                self.close_connection = True
            case Ending.RESET | Ending.REFUSED:
                self.close_connection = True

    def _send(self, response: Response, *, part: int | None = None) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body[:part])

    def _stall(self) -> None:
        """Answer nothing until the client gives up, or the server stops."""
        while not self.server.stop.is_set():
            readable, _, _ = select.select([self.connection], [], [], GLANCE_SECONDS)
            if readable:
                return
