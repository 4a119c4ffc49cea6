"""Faults: which request they meet, what becomes of it, and what httpx raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ConfigError
from reconciler.sandbox.faults import Fault, Schedule
from reconciler.sandbox.messages import Ending, Request
from reconciler.sandbox.seed import faults_from
from reconciler.sandbox.transport import SandboxTransport
from tests.sandbox.asking import V1, School, action

BIOLOGY = 4711
GRACE = ("user", 102)
SHARE_GRACE = [action("create", GRACE)]
PERMISSIONS = f"/collections/{BIOLOGY}/permissions"


def client(school: School, wait: Callable[[float], object] = lambda _: None) -> httpx.Client:
    return httpx.Client(
        transport=SandboxTransport(school.tenant, wait=wait),
        base_url=f"https://sandbox.invalid{V1}",
        headers={"Authorization": "Bearer sandbox"},
        timeout=5,
    )


def fired(fault: Fault, targets: list[str]) -> list[bool]:
    schedule = Schedule([fault])
    requests = (Request.of("GET", V1 + target, {}) for target in targets)
    return [schedule.pick(number, each) is not None for number, each in enumerate(requests, 1)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(Fault(fault="reset"), [1, 0, 0, 0], id="the-first-once"),
        pytest.param(Fault(fault="reset", request=3), [0, 0, 1, 0], id="by-number"),
        pytest.param(Fault(fault="reset", skip=1, times=2), [0, 1, 1, 0], id="skip-and-times"),
        pytest.param(Fault(fault="reset", route="GET /users/*"), [0, 0, 0, 1], id="by-route"),
        pytest.param(Fault(fault="reset", route="POST *"), [0, 0, 0, 0], id="other-verb"),
        pytest.param(Fault(fault="reset", probability=1), [1, 1, 1, 1], id="always"),
        pytest.param(Fault(fault="reset", probability=0), [0, 0, 0, 0], id="never"),
        pytest.param(Fault(fault="reset", probability=1, times=1), [1, 0, 0, 0], id="at-most"),
    ],
)
def test_which_request_a_fault_meets(fault: Fault, expected: list[int]) -> None:
    targets = ["/ping", "/collections", "/collections/4711", "/users/102"]

    assert fired(fault, targets) == [bool(each) for each in expected]


@given(seed=st.integers(0, 1000))
def test_a_seed_makes_the_same_faults_again(seed: int) -> None:
    fault = Fault(fault="reset", probability=0.5)
    request = Request.of("GET", f"{V1}/ping", {})

    runs = [
        [schedule.pick(number, request) is not None for number in range(1, 30)]
        for schedule in (Schedule([fault], seed=seed), Schedule([fault], seed=seed))
    ]

    assert runs[0] == runs[1]


RAISED = [
    pytest.param(Fault(fault="reset"), httpx.RemoteProtocolError, False, id="reset-before"),
    pytest.param(
        Fault(fault="reset", when="after"), httpx.RemoteProtocolError, True, id="reset-after"
    ),
    pytest.param(Fault(fault="timeout"), httpx.ReadTimeout, False, id="timeout-before"),
    pytest.param(Fault(fault="timeout", when="after"), httpx.ReadTimeout, True, id="timeout-after"),
    pytest.param(Fault(fault="refused"), httpx.ConnectError, False, id="refused"),
    pytest.param(Fault(fault="truncated"), httpx.RemoteProtocolError, True, id="truncated"),
    pytest.param(Fault(fault="slow", seconds=6), httpx.ReadTimeout, True, id="too-slow"),
]


@pytest.mark.parametrize(("fault", "error", "written"), RAISED)
def test_a_lost_answer_raises_and_the_write_stands_or_not(
    fault: Fault, error: type[httpx.HTTPError], written: bool
) -> None:
    school = School(faults=(fault,))

    with client(school) as http, pytest.raises(error):
        http.post(PERMISSIONS, json=SHARE_GRACE)

    assert (GRACE in school.tenant.shares(BIOLOGY)) is written


ANSWERED = [
    pytest.param(Fault(fault="status", status=500), 500, None, id="status"),
    pytest.param(Fault(fault="status", status=429, retry_after=2), 429, "2", id="seconds"),
    pytest.param(
        Fault(fault="status", status=429, retry_after="date"),
        429,
        "Mon, 23 Nov 2026 12:00:01 GMT",
        id="date",
    ),
    pytest.param(Fault(fault="status", status=403, body="rate_limit"), 403, None, id="403-limit"),
    pytest.param(Fault(fault="status", status=503, body="html"), 503, None, id="html"),
    pytest.param(Fault(fault="status", status=502, body="empty"), 502, None, id="empty"),
    pytest.param(Fault(fault="redirect"), 302, None, id="redirect"),
    pytest.param(Fault(fault="garbage"), 200, None, id="garbage"),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("fault", "status", "retry_after"), ANSWERED)
def test_a_wrong_answer_arrives_and_the_write_stands_or_not(
    fault: Fault, status: int, retry_after: str | None, when: Literal["before", "after"]
) -> None:
    school = School(faults=(replace(fault, when=when),))

    with client(school) as http:
        response = http.post(PERMISSIONS, json=SHARE_GRACE)

    assert response.status_code == status
    assert response.headers.get("Retry-After") == retry_after
    assert (GRACE in school.tenant.shares(BIOLOGY)) is (when == "after")


def test_garbage_is_no_json() -> None:
    with client(School(faults=(Fault(fault="garbage"),))) as http, pytest.raises(ValueError):  # noqa: PT011
        http.get("/collections").json()


def test_a_slow_answer_waits_as_long_as_it_says() -> None:
    waited: list[float] = []
    school = School(faults=(Fault(fault="slow", seconds=3),))

    with client(school, waited.append) as http:
        assert http.get("/ping").text == "pong"

    assert waited == [3]


def test_a_late_creation_shows_after_so_many_more_requests() -> None:
    school = School(faults=(Fault(fault="late", route="POST /collections", requests=2),))
    before = school.listed()

    lost = school.create("Late")

    assert lost.ending is Ending.TIMEOUT
    assert [len(school.listed()) - len(before) for _ in range(4)] == [0, 0, 1, 1]


def test_a_late_write_waits_for_its_time() -> None:
    school = School(faults=(Fault(fault="late", route="POST *", seconds=10),))
    school.post(PERMISSIONS, SHARE_GRACE)

    school.get("/ping")
    assert GRACE not in school.tenant.shares(BIOLOGY)
    school.clock.forward(10)
    school.get("/ping")
    assert GRACE in school.tenant.shares(BIOLOGY)


def test_the_log_tells_what_arrived() -> None:
    school = School(faults=(Fault(fault="reset", request=2),))

    for _ in range(3):
        school.get("/ping")

    assert [each.status for each in school.tenant.requests] == [200, None, 200]
    assert {(each.method, each.path) for each in school.tenant.requests} == {("GET", f"{V1}/ping")}


def test_faults_can_be_added_and_cleared_while_the_tenant_runs() -> None:
    school = School()

    school.tenant.faults.add(Fault(fault="status", status=500, probability=1))
    assert school.get("/ping").status == 500
    school.tenant.faults.clear()
    assert school.get("/ping").status == 200


@pytest.mark.parametrize("fault", ["slow", "truncated", "refused", "late"])
def test_some_faults_take_no_when(fault: str) -> None:
    with pytest.raises(ValueError, match="takes no `when`"):
        Fault(fault=fault, when="before")  # type: ignore[arg-type]


def test_a_file_of_faults_is_read(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(
        "seed: 7\n"
        "faults:\n"
        '  - {fault: status, status: 429, retry_after: 2, route: "GET /collections"}\n'
        "  - {fault: timeout, request: 2}\n"
    )
    schedule = faults_from(file)

    first = schedule.pick(1, Request.of("GET", f"{V1}/collections", {}))
    second = schedule.pick(2, Request.of("GET", f"{V1}/ping", {}))

    assert first == Fault(fault="status", status=429, retry_after=2, route="GET /collections")
    assert second == Fault(fault="timeout", request=2)


def test_a_file_of_faults_may_be_json(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps({"faults": [{"fault": "reset"}]}))

    assert faults_from(file).pick(1, Request.of("GET", "/", {})) == Fault(fault="reset")


def test_a_faulty_file_of_faults_says_where_all_at_once(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(
        "faults:\n  - {fault: explode}\n  - {fault: slow, wen: after}\n"
        "  - {fault: slow, when: after}\n"
    )

    with pytest.raises(ConfigError) as caught:
        faults_from(file)

    places = [(each.location.line, each.location.column) for each in caught.value.problems]
    assert places == [(2, 13), (3, 24), (4, 5)]
