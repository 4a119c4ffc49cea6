"""Connections: how many there are, how long they are kept, and by which way they go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest

from reconciler.studio.connections import Connections, proxy_for, trusted
from reconciler.studio.options import ClientOptions
from reconciler.studio.session import Answer, Request, Session

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
ASK = Request(method="GET", route="GET /ping", path="/ping")


class Door:
    """A server on loopback that counts its visitors, and answers each request with `{}`."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.visitors: list[socket.socket] = []
        self.gone = threading.Semaphore(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self.listening.accept()
                self.visitors.append(visitor)
                threading.Thread(target=self._answer, args=(visitor,), daemon=True).start()

    def _answer(self, visitor: socket.socket) -> None:
        with visitor:
            while b"\r\n\r\n" in visitor.recv(65536):
                visitor.sendall(ANSWER)
        self.gone.release()


@contextmanager
def door() -> Iterator[Door]:
    opened = Door()
    thread = threading.Thread(target=opened.serve)
    thread.start()
    try:
        yield opened
    finally:
        opened.listening.shutdown(socket.SHUT_RDWR)
        opened.listening.close()
        thread.join()


def ask(session: Session) -> None:
    assert session.send(ASK) == Answer(status=200, body=b"{}", content_type="application/json")


def test_a_connection_is_kept_from_one_request_to_the_next() -> None:
    with door() as opened:
        session = Session(ClientOptions(base_url=opened.url))
        for _ in range(5):
            ask(session)
        assert len(opened.visitors) == 1
        session.close()


def test_there_are_no_more_connections_than_requests_under_way_at_once() -> None:
    with door() as opened:
        session = Session(ClientOptions(base_url=opened.url))
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(ask, session) for _ in range(40)]:
                done.result()
        assert 1 <= len(opened.visitors) <= 4
        session.close()


def test_who_rests_holds_no_connection_and_opens_one_when_it_asks_again() -> None:
    with door() as opened:
        session = Session(ClientOptions(base_url=opened.url))
        ask(session)
        session.rest()
        assert opened.gone.acquire(timeout=10)
        ask(session)
        assert len(opened.visitors) == 2
        session.close()
        assert opened.gone.acquire(timeout=10)


def test_what_is_given_back_after_the_end_is_closed() -> None:
    connections = Connections("http://127.0.0.1:1")
    borrowed = connections.borrow()
    connections.close()
    connections.give_back(borrowed)
    assert connections.borrow() is not borrowed


def test_a_transport_that_was_passed_in_is_lent_to_everybody() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    connections = Connections("https://school.test", transport)
    assert connections.borrow() is connections.borrow() is transport


def test_all_tenants_believe_the_same_certificates() -> None:
    assert trusted() is trusted()


@pytest.mark.parametrize(
    ("environment", "scheme", "host", "expected"),
    [
        pytest.param({}, "https", "a.test", None, id="none"),
        pytest.param({"HTTPS_PROXY": "p:1"}, "https", "a.test", "p:1", id="named"),
        pytest.param({"HTTPS_PROXY": "p:1"}, "http", "a.test", None, id="other-scheme"),
        pytest.param({"ALL_PROXY": "p:1"}, "http", "a.test", "p:1", id="all"),
        pytest.param({"ALL_PROXY": "p:1", "NO_PROXY": "test"}, "http", "a.test", None, id="not-it"),
        pytest.param({"ALL_PROXY": "p:1", "NO_PROXY": "*"}, "http", "a.test", None, id="nobody"),
    ],
)
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    scheme: str,
    host: str,
    expected: str | None,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(scheme, host) == expected


def test_requests_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with door() as opened:
        monkeypatch.setenv("HTTP_PROXY", opened.url.removeprefix("http://"))
        session = Session(ClientOptions(base_url="http://school.test"))
        ask(session)
        assert len(opened.visitors) == 1
        session.close()
