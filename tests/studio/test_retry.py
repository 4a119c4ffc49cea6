"""Reads are repeated until they are settled or patience ends; no test here really waits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from reconciler.core.pacing import Trouble
from reconciler.errors import Unauthorized
from reconciler.studio.answers import Document
from reconciler.studio.client import Failed
from reconciler.studio.options import ClientOptions
from reconciler.studio.routes import Route
from tests.studio.stage import OPTIONS, Fault, Faulty, FixedTokens, Time, reader


def fine(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"fine": True})


FINE = Document({"fine": True})

PASSING = [
    pytest.param(httpx.Response(429), 1.0, id="429"),
    pytest.param(httpx.Response(429, headers={"Retry-After": "7"}), 7.0, id="429-seconds"),
    pytest.param(
        httpx.Response(429, headers={"Retry-After": "Mon, 23 Nov 2026 12:00:30 GMT"}),
        29.0,
        id="429-date",
    ),
    pytest.param(
        httpx.Response(403, text="403 Forbidden (Rate Limit Exceeded)"), 1.0, id="403-rate-limit"
    ),
    pytest.param(httpx.Response(500), 0.25, id="500"),
    pytest.param(httpx.Response(503, headers={"Retry-After": "9"}), 9.0, id="503-seconds"),
    pytest.param(httpx.Response(502, html="<html>Bad Gateway</html>"), 0.25, id="502-html"),
    pytest.param(httpx.Response(200, content=b""), 0.25, id="empty"),
    pytest.param(httpx.Response(200, content=b'{"fine": tr'), 0.25, id="truncated"),
    pytest.param(httpx.Response(200, content=b"[" * 100_000), 0.25, id="too-deep"),
    pytest.param(httpx.Response(200, html="<html>Maintenance</html>"), 0.25, id="html"),
    pytest.param(httpx.ReadError("reset"), 0.1, id="reset"),
    pytest.param(httpx.RemoteProtocolError("disconnected"), 0.1, id="disconnected"),
    pytest.param(httpx.ReadTimeout("late"), 0.25, id="timeout"),
    pytest.param(httpx.ConnectError("refused"), 0.1, id="refused"),
    pytest.param(httpx.DecodingError("not gzip"), 0.25, id="decoding"),
]


@pytest.mark.parametrize(("fault", "at_least"), PASSING)
def test_what_may_pass_is_asked_again(fault: Fault, at_least: float) -> None:
    time = Time()
    tenant = Faulty([fault], fine)
    with reader(tenant, time=time) as asking:
        assert asking.get(Route.COLLECTIONS) == FINE
        assert asking.requests == 2
    assert at_least / 2 <= time.passed <= at_least + 2


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422, 301, 302, 307])
def test_a_definite_answer_is_not_asked_again(status: int) -> None:
    with reader(Faulty([httpx.Response(status, json={"error": "no"})], fine)) as asking:
        assert asking.get(Route.COLLECTION, id=1) == Failed(f"answered {status}: no", status)
        assert asking.requests == 1


def test_patience_ends_after_so_many_tries() -> None:
    time = Time()
    with reader(lambda _: httpx.Response(500), time=time) as asking:
        answer = asking.get(Route.COLLECTION, id=1)
        assert asking.requests == OPTIONS.tries
    assert isinstance(answer, Failed)
    assert answer.reason == "answered 500, also when asked again"


def test_patience_ends_before_a_wait_that_is_too_long() -> None:
    time = Time()
    response = httpx.Response(429, headers={"Retry-After": "3600"})
    with reader(lambda _: response, time=time) as asking:
        first = asking.get(Route.COLLECTION, id=1)
        second = asking.get(Route.COLLECTION, id=2)
        assert asking.requests == 1
    assert isinstance(first, Failed)
    assert isinstance(second, Failed)
    assert "longer wait" in second.reason
    assert time.passed == 0


def test_everybody_heeds_the_gate() -> None:
    time = Time()
    sent: list[float] = []

    def limited_at_first(_request: httpx.Request) -> httpx.Response:
        sent.append(time.passed)
        if len(sent) == 1:
            return httpx.Response(429, headers={"Retry-After": "20"})
        return httpx.Response(200, json={"fine": True})

    with reader(limited_at_first, time=time) as asking:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asking.get, Route.COLLECTION, id=1).result()
        assert asking.get(Route.COLLECTION, id=2) == FINE
    assert min(sent[1:]) >= 20


def test_requests_keep_the_pace() -> None:
    time = Time()
    options = ClientOptions(base_url=OPTIONS.base_url, requests_per_second=10)
    with reader(fine, time=time, options=options) as asking:
        for id in range(1, 102):
            asking.get(Route.COLLECTION, id=id)
    assert 10 <= time.passed <= 10.1


def test_a_slow_pace_is_no_reason_to_give_up() -> None:
    time = Time()
    options = ClientOptions(base_url=OPTIONS.base_url, requests_per_second=0.01)
    tenant = Faulty([httpx.Response(500)] * 2, fine)
    with reader(tenant, time=time, options=options) as asking:
        assert asking.get(Route.COLLECTION, id=1) == FINE
    assert time.passed >= 200


def test_a_stop_wakes_who_waits() -> None:
    stop = threading.Event()
    asked = threading.Event()

    def busy(_request: httpx.Request) -> httpx.Response:
        asked.set()
        return httpx.Response(429, headers={"Retry-After": "100"})

    time = Time()
    with ThreadPoolExecutor(1) as pool, reader(busy, time=time, stop=stop) as asking:
        # The wait is the event's own: only the stop can end it.
        object.__setattr__(asking.line._timing, "sleep", None)
        waiting = pool.submit(asking.get, Route.COLLECTION, id=1)
        asked.wait(10)
        stop.set()
        assert waiting.result(10) == Failed("stopped", stopped=True)
        assert asking.requests == 1


def test_a_refused_token_is_renewed_and_the_question_repeated_once() -> None:
    def picky(request: httpx.Request) -> httpx.Response:
        good = request.headers["Authorization"] == "Bearer fresh"
        return fine(request) if good else httpx.Response(401)

    with reader(picky, tokens=FixedTokens("stale", "fresh")) as asking:
        assert asking.get(Route.COLLECTIONS) == FINE
        assert asking.requests == 2


def test_a_token_refused_again_is_unauthorized() -> None:
    tenant = Faulty([], lambda _: httpx.Response(401, json={"error": "expired"}))
    with reader(tenant, tokens=FixedTokens("one", "two", "three")) as asking:
        with pytest.raises(Unauthorized) as raised:
            asking.get(Route.COLLECTIONS)
        assert asking.requests == 2
    assert raised.value.remedy == "renew it"
    assert not any(token in str(raised.value) for token in ("one", "two", "three"))


def test_an_outage_costs_a_pass_minutes_and_not_hours() -> None:
    time = Time()

    def hangs(_request: httpx.Request) -> httpx.Response:
        time.sleep(30)
        raise httpx.ReadTimeout("late")

    with reader(hangs, time=time) as asking:
        answers = [asking.get(Route.COLLECTION, id=id) for id in range(1, 1001)]
    assert all(isinstance(answer, Failed) for answer in answers)
    assert time.passed <= 10 * OPTIONS.patience.seconds + 60


def test_after_an_outage_the_service_is_asked_again() -> None:
    time = Time()
    tenant = Faulty([httpx.Response(503)] * 50, fine)
    with reader(tenant, time=time) as asking:
        for id in range(1, 20):
            asking.get(Route.COLLECTION, id=id)
        assert asking.requests == 50
        assert asking.get(Route.COLLECTION, id=20) == Failed(
            "the service has stopped answering, and is left alone for a while",
            trouble=Trouble.CONNECT,
        )
        time.sleep(30)
        assert asking.get(Route.COLLECTION, id=21) == FINE
        assert asking.get(Route.COLLECTION, id=22) == FINE


def test_one_collection_that_always_fails_blows_no_fuse() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.path.endswith("/13") else fine(request)

    with reader(handler) as asking:
        for _ in range(30):
            assert isinstance(asking.get(Route.COLLECTION, id=13), Failed)
            assert asking.get(Route.COLLECTION, id=14) == FINE
