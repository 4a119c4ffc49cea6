"""Tokens: one refresh each, two hours of life, a code that works once."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.messages import Response
from reconciler.sandbox.switches import Switches
from tests.sandbox.asking import NOON, V1, School

CLIENT = {"client_id": "sandbox", "client_secret": "sandbox"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "sandbox"}
AUTHORIZE = "/api/public/oauth/authorize?client_id=sandbox&response_type=code"
OUT_OF_BAND = "&redirect_uri=urn:ietf:wg:oauth:2.0:oob"


def refresh(school: School, token: str) -> Response:
    return school.exchange({**REFRESH, "refresh_token": token, **CLIENT})


def consent(school: School) -> str:
    page = school.ask("GET", AUTHORIZE + OUT_OF_BAND, token=None)
    (code,) = re.findall(r"<code>(.+)</code>", page.body.decode())
    return str(code)


def test_a_refresh_answers_a_whole_new_pair() -> None:
    document = json.loads(refresh(School(), "sandbox").body)

    assert document == {
        "access_token": "sandbox-access-1",
        "token_type": "bearer",
        "expires_in": 7200,
        "refresh_token": "sandbox-refresh-1",
        "created_at": int(NOON.timestamp()),
    }


def test_a_refresh_token_used_twice_is_refused() -> None:
    school = School()
    refresh(school, "sandbox")

    again = refresh(school, "sandbox")

    assert (again.status, json.loads(again.body)) == (400, {"error": "invalid_grant"})


def test_a_tenant_may_let_a_refresh_token_work_again() -> None:
    school = School(Switches(refresh_rotates=False))
    refresh(school, "sandbox")

    assert refresh(school, "sandbox").status == 200


@given(turns=st.lists(st.booleans(), max_size=8))
def test_only_the_newest_refresh_token_is_ever_good(turns: list[bool]) -> None:
    school = School()
    newest, spent = "sandbox", "never-given"
    for use_newest in turns:
        response = refresh(school, newest if use_newest else spent)
        assert response.status == (200 if use_newest else 400)
        if use_newest:
            newest, spent = json.loads(response.body)["refresh_token"], newest


def test_an_access_token_lives_for_two_hours() -> None:
    school = School()
    token = json.loads(refresh(school, "sandbox").body)["access_token"]

    school.clock.forward(7199)
    assert school.ask("GET", f"{V1}/ping", token=token).status == 200
    school.clock.forward(1)
    assert school.ask("GET", f"{V1}/ping", token=token).status == 401


def test_the_first_access_token_never_ends() -> None:
    school = School()
    school.clock.forward(timedelta(days=400).total_seconds())

    assert school.get("/ping").status == 200


def test_a_code_is_exchanged_once() -> None:
    school = School()
    form = {"grant_type": "authorization_code", "code": consent(school), **CLIENT}

    first, second = (school.exchange(form) for _ in range(2))

    assert (first.status, second.status) == (200, 400)


def test_a_redirect_carries_the_code_and_the_state() -> None:
    target = f"{AUTHORIZE}&redirect_uri=https://example.org/back&state=xyz"

    response = School().ask("GET", target, token=None)

    assert response.status == 302
    assert response.headers["Location"] == (
        "https://example.org/back?code=sandbox-code-1&state=xyz"
    )


@pytest.mark.parametrize(
    "target",
    ["http://example.org/", "https://localhost/back", "http://127.0.0.1:8000/", "nonsense"],
)
def test_a_redirect_to_this_machine_or_plain_http_is_refused(target: str) -> None:
    response = School().ask("GET", f"{AUTHORIZE}&redirect_uri={target}", token=None)

    assert response.status == 400


def test_the_consent_is_for_a_known_client() -> None:
    response = School().ask("GET", "/api/public/oauth/authorize?client_id=who", token=None)

    assert response.status == 401


def test_a_client_may_authenticate_by_a_basic_header() -> None:
    basic = base64.b64encode(b"sandbox:sandbox").decode()

    response = School().exchange(REFRESH, authorization=f"Basic {basic}")

    assert response.status == 200


@pytest.mark.parametrize("header", ["Basic !", "Basic c2FuZGJveDpub3Bl", "Bearer sandbox"])
def test_an_unknown_client_is_refused_and_spends_nothing(header: str) -> None:
    school = School()

    refused = school.exchange(REFRESH, authorization=header)

    assert (refused.status, json.loads(refused.body)) == (401, {"error": "invalid_client"})
    assert refresh(school, "sandbox").status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
    ],
)
def test_what_else_is_refused(form: dict[str, str], error: str) -> None:
    response = School().exchange({**form, **CLIENT})

    assert (response.status, json.loads(response.body)) == (400, {"error": error})


def test_no_secret_shows_in_a_repr() -> None:
    school = School()
    refresh(school, "sandbox")

    assert "sandbox-" not in repr(school.tenant.world)
