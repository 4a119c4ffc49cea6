"""One request: what goes out, what never does, and which limits an answer has."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reconciler.core.pacing import Trouble
from reconciler.errors import Unreachable
from reconciler.studio import session as session_module
from reconciler.studio.connections import trusted
from reconciler.studio.options import ClientOptions
from reconciler.studio.routes import Route, request
from reconciler.studio.session import Answer, Failure, Request, Session
from tests.studio.stage import OPTIONS, Faulty, Handler, Time

SECRET = "s3cr3t-token"
ASK = Request(
    method="GET",
    route="GET /collections",
    path="/api/public/v1/collections?q=personal",
    authorization=f"Bearer {SECRET}",
)


def session(handler: Handler, time: Time | None = None) -> Session:
    clock = (time or Time()).clock
    return Session(OPTIONS, transport=httpx.MockTransport(handler), clock=clock)


class Drip(httpx.SyncByteStream):
    """A body in pieces, each of which takes its time."""

    def __init__(self, pieces: int, piece: bytes, time: Time, seconds: float) -> None:
        self._pieces = pieces
        self._piece = piece
        self._time = time
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._pieces):
            self._time.sleep(self._seconds)
            yield self._piece


def test_a_body_that_drips_for_ever_is_a_timeout() -> None:
    time = Time()
    drip = Drip(10**9, b" ", time, 1.0)
    result = session(lambda _: httpx.Response(200, stream=drip), time).send(ASK)
    assert result == Failure(trouble=Trouble.TIMEOUT, reason="no whole answer within 30 s")
    assert time.passed <= 31


def test_a_body_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "LARGEST_BODY", 1000)
    time = Time()
    drip = Drip(10**9, b"x" * 100, time, 0.0)
    result = session(lambda _: httpx.Response(200, stream=drip), time).send(ASK)
    assert isinstance(result, Failure)
    assert result.hopeless
    assert "larger than 1000 bytes" in result.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_goes_to_no_other_host(status: int) -> None:
    hosts: list[str] = []

    def handler(asked: httpx.Request) -> httpx.Response:
        hosts.append(asked.url.host)
        return httpx.Response(status, headers={"Location": "https://elsewhere.test/login?x=1"})

    result = session(handler).send(ASK)
    assert hosts == ["school.test"]
    assert result == Answer(status=status, body=b"", location="elsewhere.test")


def test_no_cookie_is_kept() -> None:
    cookies: list[str | None] = []

    def handler(asked: httpx.Request) -> httpx.Response:
        cookies.append(asked.headers.get("cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "session=1"})

    talking = session(handler)
    talking.send(ASK)
    talking.send(ASK)
    assert cookies == [None, None]


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("late"),
        httpx.InvalidURL("bad"),
        httpx.LocalProtocolError("bad header"),
        httpx.ProxyError("407"),
        httpx.TooManyRedirects("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_exception_of_the_library_gets_out(error: Exception) -> None:
    def handler(_asked: httpx.Request) -> httpx.Response:
        raise error

    result = session(handler).send(ASK)
    assert isinstance(result, Failure)
    assert SECRET not in repr(result)
    assert "personal" not in repr(result)


def test_a_request_shows_neither_token_nor_body_nor_query() -> None:
    asked = Request(method="POST", route="POST /x", path="/x?q=personal", content=SECRET.encode())
    for shown in (repr(ASK), str(ASK), repr(asked), repr(Answer(status=1, body=SECRET.encode()))):
        assert SECRET not in shown
        assert "personal" not in shown


def test_an_address_beyond_all_limits_is_never_sent() -> None:
    long = request("POST", Route.COLLECTIONS, query={"name": "x" * 100_000})
    result = session(lambda _: httpx.Response(200)).send(long)
    assert isinstance(result, Failure)
    assert not result.sent
    assert result.hopeless


def test_a_name_arrives_as_it_was_written() -> None:
    names: list[str] = []

    def handler(asked: httpx.Request) -> httpx.Response:
        names.append(asked.url.params["name"])
        assert b"+" not in asked.url.query
        return httpx.Response(200)

    for name in ("A & B = C?", "100 % + more", "Ünï/código#1", "a\nb\x00", "../../x"):
        session(handler).send(request("POST", Route.COLLECTIONS, query={"name": name}))
        assert names.pop() == name


class Tally:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def requested(self, route: str, status: str, seconds: float) -> None:
        assert seconds >= 0
        self.told.append((route, status))


def test_requests_are_counted_by_route_and_status_without_ids() -> None:
    tally = Tally()
    tenant = Faulty([httpx.Response(404), httpx.ReadTimeout("late")], lambda _: httpx.Response(200))
    counting = Session(OPTIONS, transport=httpx.MockTransport(tenant), observer=tally)
    for id in (1, 2, 3):
        counting.send(request("GET", Route.PERMISSIONS, id=id))
    route = "GET /collections/{id}/permissions"
    assert tally.told == [(route, "404"), (route, "timeout"), (route, "200")]
    assert counting.requests == 3


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"gopher://me:{SECRET}@proxy.test")
    talking = Session(ClientOptions(base_url="http://127.0.0.1:1"))
    with pytest.raises(Unreachable) as raised:
        talking.send(ASK)
    assert "HTTP_PROXY" in str(raised.value)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_certificates_that_are_not_there_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    trusted.cache_clear()
    with pytest.raises(Unreachable, match="SSL_CERT_FILE"):
        Session(OPTIONS).send(ASK)


def test_nobody_at_the_door_is_a_failure_before_anything_was_sent() -> None:
    result = Session(ClientOptions(base_url="http://127.0.0.1:1")).send(ASK)
    assert isinstance(result, Failure)
    assert (result.trouble, result.sent) == (Trouble.CONNECT, False)


def test_the_host_is_shown_without_credentials() -> None:
    assert ClientOptions(base_url=f"https://me:{SECRET}@school.test:444").host == "school.test:444"
