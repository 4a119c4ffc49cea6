"""The tenant over HTTP, with real sockets, asked by a library of other people."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Queue

import pytest
import requests

from reconciler.sandbox.faults import Fault
from reconciler.sandbox.server import MOST_BYTES, serve
from reconciler.sandbox.store import open_tenant
from reconciler.sandbox.tenant import Tenant
from tests.sandbox.asking import TOKEN_PATH, V1, action

BIOLOGY = 4711
GRACE = ("user", 102)
BEARER = {"Authorization": "Bearer sandbox"}
PATIENCE = 10


@dataclass
class Served:
    """A tenant, and where it answers."""

    tenant: Tenant
    port: int
    stop: threading.Event
    thread: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def raw(self, text: str) -> bytes:
        """Send bytes as they are; all that comes back, up to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(text.encode())
            answered = b""
            while part := connection.recv(65536):
                answered += part
            return answered


@pytest.fixture
def served() -> Iterator[Served]:
    tenant, stop, ports = open_tenant(None), threading.Event(), Queue[int]()

    def run() -> None:
        serve(tenant, port=0, ready=ports.put, stop=stop)

    thread = threading.Thread(target=run)
    thread.start()
    yield Served(tenant, ports.get(timeout=PATIENCE), stop, thread)
    stop.set()
    thread.join(timeout=PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_a_client_refreshes_first_and_goes_on_with_the_new_pair(
    served: Served, http: requests.Session
) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "sandbox",
        "client_id": "sandbox",
        "client_secret": "sandbox",
    }

    pair = http.post(served.url + TOKEN_PATH, data=form, timeout=PATIENCE)
    new = {"Authorization": f"Bearer {pair.json()['access_token']}"}
    pong = http.get(f"{served.url}{V1}/ping", headers=new, timeout=PATIENCE)
    listed = http.get(f"{served.url}{V1}/collections", headers=new, timeout=PATIENCE)
    again = http.post(served.url + TOKEN_PATH, data=form, timeout=PATIENCE)

    assert (pair.status_code, pair.json()["refresh_token"]) == (200, "sandbox-refresh-1")
    assert (pong.status_code, pong.text) == (200, "pong")
    assert BIOLOGY in [each["id"] for each in listed.json()["collections"]]
    assert again.status_code == 400


def test_a_write_arrives(served: Served, http: requests.Session) -> None:
    response = http.post(
        f"{served.url}{V1}/collections/{BIOLOGY}/permissions",
        json=[action("create", GRACE, "edit")],
        headers=BEARER,
        timeout=PATIENCE,
    )

    assert response.status_code == 200
    assert served.tenant.shares(BIOLOGY)[GRACE] == "edit"


def test_one_connection_carries_many_requests(served: Served) -> None:
    ask = f"GET {V1}/ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox\r\n"

    answered = served.raw(f"{ask}\r\n{ask}Connection: close\r\n\r\n")

    assert answered.count(b"200 OK") == answered.count(b"pong") == 2


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Content-Length: {MOST_BYTES + 1}", b"413"),
        ("Content-Length: many", b"400"),
        ("Transfer-Encoding: chunked", b"411"),
    ],
)
def test_a_body_without_bounds_is_not_read(served: Served, header: str, status: bytes) -> None:
    answered = served.raw(f"POST {V1}/collections HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n")

    assert answered.split()[1] == status
    assert served.tenant.requests == ()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(fault="reset"), requests.ConnectionError, id="reset"),
        pytest.param(Fault(fault="refused"), requests.ConnectionError, id="refused"),
        pytest.param(Fault(fault="timeout"), requests.ReadTimeout, id="timeout"),
        pytest.param(Fault(fault="late"), requests.ReadTimeout, id="late"),
        pytest.param(Fault(fault="slow", seconds=5), requests.ReadTimeout, id="slow"),
        pytest.param(
            Fault(fault="truncated"), requests.exceptions.ChunkedEncodingError, id="truncated"
        ),
    ],
)
def test_a_fault_is_one_on_the_wire(
    served: Served,
    http: requests.Session,
    fault: Fault,
    error: type[requests.RequestException],
) -> None:
    served.tenant.faults.add(fault)
    patience = 0.2 if error is requests.ReadTimeout else PATIENCE

    with pytest.raises(error):
        http.get(f"{served.url}{V1}/collections", headers=BEARER, timeout=patience)

    assert http.get(f"{served.url}{V1}/ping", headers=BEARER, timeout=PATIENCE).text == "pong"


def test_a_status_fault_carries_its_headers(served: Served, http: requests.Session) -> None:
    served.tenant.faults.add(Fault(fault="status", status=429, retry_after=3, body="html"))

    response = http.get(f"{served.url}{V1}/ping", headers=BEARER, timeout=PATIENCE)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "3")
    assert response.headers["Content-Type"].startswith("text/html")


def test_nothing_is_answered_after_the_stop(served: Served, http: requests.Session) -> None:
    ping = f"{served.url}{V1}/ping"
    http.get(ping, headers=BEARER, timeout=PATIENCE)

    served.stop.set()
    served.thread.join(timeout=PATIENCE)

    with pytest.raises(requests.ConnectionError):
        http.get(ping, headers=BEARER, timeout=PATIENCE)


def test_a_port_that_is_taken_is_told(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(served.tenant, port=served.port, ready=lambda _: None, stop=threading.Event())
