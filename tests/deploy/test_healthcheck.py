"""The container's own question whether its daemon is alive."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.recipes import DEPLOY

HEALTHCHECK = DEPLOY / "healthcheck.py"


@contextmanager
def health(status: int) -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def ask(port: int, **environment: str) -> int:
    return subprocess.run(  # noqa: S603
        [sys.executable, HEALTHCHECK],
        env={"HEALTH_PORT": str(port), **environment},
        check=False,
        capture_output=True,
    ).returncode


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (404, 1), (503, 1)])
def test_a_loop_that_is_alive_is_well_and_one_that_hangs_is_not(status: int, expected: int) -> None:
    with health(status) as port:
        assert ask(port) == expected


def test_a_container_without_a_page_is_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert ask(port) == 0


def test_an_answer_that_is_none_is_no_sign_of_life() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            peer, _ = server.accept()
            peer.close()

        threading.Thread(target=hang_up, daemon=True).start()
        assert ask(server.getsockname()[1]) == 1


def test_no_proxy_is_asked() -> None:
    with health(200) as port:
        assert ask(port, http_proxy="http://127.0.0.1:1") == 0
