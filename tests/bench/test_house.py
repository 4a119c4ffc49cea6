from __future__ import annotations

import json

import pytest

from reconciler.sandbox.messages import Request
from tests.bench.big import FIRST_COLLECTION, big_tenant, big_world
from tests.bench.house import House
from tests.bench.raw import Asked, take

HEADERS = {
    "authorization": "Bearer sandbox",
    "content-type": "application/json",
    "host": "127.0.0.1:80",
}
PERMISSIONS = f"/api/public/v1/collections/{FIRST_COLLECTION}/permissions"
TARGETS = ["/api/public/v1/collections?page=1&per_page=50", PERMISSIONS, "/api/public/v1/users/7"]


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def house() -> House:
    built = House("127.0.0.1", big_world(3, 10))
    built.render()
    return built


@pytest.mark.parametrize("target", TARGETS)
def test_a_house_says_what_the_sandbox_says(target: str) -> None:
    tenant = big_tenant(3, 10)

    said = house().answer(Asked("GET", target, HEADERS), 0, 0)

    assert body_of(said) == tenant.handle(Request.of("GET", target, HEADERS)).body


def test_after_a_write_no_old_answer_is_given() -> None:
    built = house()
    before = built.answer(Asked("GET", PERMISSIONS, HEADERS), 0, 0)
    action = {"action": "create", "id": 4000, "share_type": "user"}

    built.answer(Asked("POST", PERMISSIONS, HEADERS, json.dumps([action]).encode()), 1.0, 2.0)

    after = built.answer(Asked("GET", PERMISSIONS, HEADERS), 0, 0)
    assert before != after
    assert built.shares()[FIRST_COLLECTION]["user:4000"] == "view"
    (write,) = built.writes
    assert (write.token, write.collection, write.began, write.ended, write.status) == (
        "sandbox",
        FIRST_COLLECTION,
        1.0,
        2.0,
        200,
    )


def test_drift_shows_in_the_next_answer() -> None:
    built = house()

    built.drift(FIRST_COLLECTION, "user:4000", "edit")

    said = built.answer(Asked("GET", PERMISSIONS, HEADERS), 0, 0)
    assert any(each["id"] == 4000 for each in json.loads(body_of(said))["users"])
    assert built.writes == []


def test_what_is_over_the_limit_of_any_second_is_counted_and_refused() -> None:
    built = House("127.0.0.1", big_world(1, 1), per_second=2)
    asked = Asked("GET", PERMISSIONS, HEADERS)

    admitted = [built.admit(asked, at) for at in (10.0, 10.5, 10.9, 11.1)]

    assert admitted == [True, True, False, True]
    assert (built.tally.requests, built.tally.limited) == (4, 1)
    assert (built.tally.first, built.tally.last) == (10.0, 11.1)


def test_a_wrong_token_is_refused_whatever_is_kept_ready() -> None:
    stranger = {"authorization": "Bearer other"}

    said = house().answer(Asked("GET", PERMISSIONS, stranger), 0, 0)

    assert said.startswith(b"HTTP/1.1 401 ")


def test_a_request_is_taken_once_it_is_all_there() -> None:
    sent = b"POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.9:80\r\nContent-Length: 2\r\n\r\n[]"
    buffer = bytearray()
    taken = []
    for at in range(len(sent)):
        buffer += sent[at : at + 1]
        taken.append(take(buffer))

    assert taken[:-1] == [None] * (len(sent) - 1)
    assert (asked := taken[-1]) is not None
    assert (asked.method, asked.target, asked.host, asked.body) == (
        "POST",
        "/a?b=c",
        "127.0.0.9",
        b"[]",
    )
    assert not buffer
