"""A write is sent once; again only where the service surely did nothing with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import httpx
import pytest

from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.observed import LiveCollection, Person, Shares, Sightings
from reconciler.core.plan import Change
from reconciler.errors import Location, Unauthorized
from reconciler.studio.client import Reader
from reconciler.studio.options import PermissionsBody
from reconciler.studio.writer import (
    Answered,
    Created,
    Forbidden,
    Lost,
    NotSent,
    Refused,
    WriteAnswer,
    Writer,
    connect_writer,
)
from tests.studio.stage import OPTIONS, Fault, Faulty, FixedTokens, Time, collection, reader

GRACE = Principal(PrincipalType.USER, 7)
GRANT = Change(
    principal=GRACE,
    before=None,
    after=Permission.EDIT,
    who="grace@school.test",
    source=Location("config.yaml", 1, 1),
)
LIST = {"users": [{"id": 7, "email": "grace@school.test", "permission": "edit"}], "groups": []}
TAKEN = Answered(
    Shares({GRACE: Permission.EDIT}),
    Sightings(people={7: Person(7, None, "grace@school.test")}),
)


def fine(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=LIST)


def nothing() -> None:
    """No check before a write."""


def writer(
    asking: Reader,
    body: PermissionsBody = PermissionsBody.ARRAY,
    before: Callable[[], None] = nothing,
) -> Writer:
    return connect_writer(asking, body=body, before_write=before)


def test_a_batch_that_is_taken_answers_the_whole_list() -> None:
    tenant = Faulty([], fine)
    with reader(tenant) as asking:
        assert writer(asking).share(4711, [GRANT]) == TAKEN
    (sent,) = tenant.seen
    assert (sent.method, sent.url.path) == ("POST", "/api/public/v1/collections/4711/permissions")
    assert json.loads(sent.content) == [
        {"action": "create", "id": 7, "share_type": "user", "permission_type": "edit"}
    ]
    assert sent.headers["content-type"] == "application/json"


def test_the_body_is_wrapped_where_the_tenant_wants_it() -> None:
    tenant = Faulty([], fine)
    with reader(tenant) as asking:
        writer(asking, PermissionsBody.WRAPPED).share(1, [GRANT])
    assert list(json.loads(tenant.seen[0].content)) == ["permissions"]


ONCE = [
    pytest.param(httpx.Response(400, json={"error": "not found"}), Refused(400, "not found")),
    pytest.param(httpx.Response(404), Refused(404, "")),
    pytest.param(httpx.Response(422, text="bad id"), Refused(422, "bad id")),
    pytest.param(httpx.Response(403, json={"error": "admins only"}), Forbidden("admins only")),
    pytest.param(httpx.Response(403), Forbidden("answered 403")),
    pytest.param(httpx.Response(500), Lost("answered 500")),
    pytest.param(httpx.Response(503, headers={"Retry-After": "1"}), Lost("answered 503")),
    pytest.param(httpx.Response(408), Lost("answered 408", timed_out=True)),
    pytest.param(httpx.ReadTimeout("x"), Lost("no answer in time", timed_out=True)),
    pytest.param(httpx.WriteTimeout("x"), Lost("no answer in time", timed_out=True)),
    pytest.param(httpx.ReadError("x"), Lost("the connection broke (ReadError)")),
    pytest.param(
        httpx.RemoteProtocolError("x"), Lost("the connection broke (RemoteProtocolError)")
    ),
    pytest.param(
        httpx.Response(200, content=b'{"users": ['),
        Lost("answered 200 with something that is no JSON"),
    ),
    pytest.param(httpx.Response(200, json={}), Lost("the answer is no permission list")),
    pytest.param(
        httpx.Response(302, headers={"Location": "https://elsewhere.test/"}),
        Lost("answered 302: redirects to elsewhere.test, which is not followed"),
    ),
]


@pytest.mark.parametrize(("fault", "answer"), ONCE)
def test_what_may_have_been_applied_is_never_sent_again(fault: Fault, answer: WriteAnswer) -> None:
    tenant = Faulty([fault], fine)
    with reader(tenant) as asking:
        assert writer(asking).share(1, [GRANT]) == answer
    assert len(tenant.seen) == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(httpx.Response(429, headers={"Retry-After": "3"}), id="429"),
        pytest.param(httpx.Response(403, text="Rate Limit Exceeded"), id="403-rate-limit"),
        pytest.param(httpx.Response(401), id="401"),
        pytest.param(httpx.ConnectError("refused"), id="refused"),
        pytest.param(httpx.ConnectTimeout("late"), id="no-connection-in-time"),
    ],
)
def test_what_was_surely_not_applied_is_sent_again(fault: Fault) -> None:
    tenant = Faulty([fault], fine)
    with reader(tenant, tokens=FixedTokens("stale", "fresh")) as asking:
        assert writer(asking).share(1, [GRANT]) == TAKEN
    assert len(tenant.seen) == 2


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(429), "answered 429, also when asked again"),
        (
            httpx.Response(429, headers={"Retry-After": "3600"}),
            "answered 429",
        ),
    ],
    ids=["without-end", "too-long"],
)
def test_a_rate_limit_that_does_not_end_is_not_sent(response: httpx.Response, reason: str) -> None:
    time = Time()
    with reader(lambda _: response, time=time) as asking:
        assert writer(asking).share(1, [GRANT]) == NotSent(reason)
    assert time.passed <= OPTIONS.patience.seconds


def test_a_lost_answer_after_a_rate_limit_is_lost() -> None:
    with reader(Faulty([httpx.Response(429), httpx.ReadError("x")], fine)) as asking:
        assert isinstance(writer(asking).share(1, [GRANT]), Lost)
        assert asking.requests == 2


def test_a_token_refused_for_good_is_unauthorized() -> None:
    with reader(lambda _: httpx.Response(401)) as asking, pytest.raises(Unauthorized):
        writer(asking).share(1, [GRANT])


def test_after_a_stop_nothing_is_sent() -> None:
    stop = threading.Event()
    with reader(fine, stop=stop) as asking:
        stop.set()
        assert writer(asking).share(1, [GRANT]) == NotSent("stopped")
        assert asking.requests == 0


def test_the_check_runs_before_each_sending_and_after_all_waiting() -> None:
    time = Time()
    checked: list[float] = []
    sent: list[float] = []

    def tenant(request: httpx.Request) -> httpx.Response:
        sent.append(time.passed)
        return httpx.Response(429) if len(sent) == 1 else fine(request)

    with reader(tenant, time=time) as asking:
        writer(asking, before=lambda: checked.append(time.passed)).share(1, [GRANT])
    assert checked == sent
    assert len(sent) == 2


def test_a_check_that_fails_keeps_the_write_back() -> None:
    def lost_lease() -> None:
        raise RuntimeError("the lease is gone")

    with reader(fine) as asking:
        with pytest.raises(RuntimeError, match="the lease is gone"):
            writer(asking, before=lost_lease).share(1, [GRANT])
        assert asking.requests == 0


def test_a_collection_is_created_by_query_for_somebody_else() -> None:
    tenant = Faulty([httpx.Response(201, json={"collection": collection(9, name="A & B")})], fine)
    with reader(tenant) as asking:
        created = writer(asking).create_collection("A & B", 101)
    assert created == Created(LiveCollection(id=9, name="A & B", owner_id=101))
    (sent,) = tenant.seen
    assert (sent.method, sent.url.path) == ("POST", "/api/public/v1/collections")
    assert dict(sent.url.params) == {"name": "A & B", "user_id": "101"}
    assert sent.content == b""


def test_without_an_owner_no_user_is_named() -> None:
    tenant = Faulty([], lambda _: httpx.Response(201, json={"collection": collection(9)}))
    with reader(tenant) as asking:
        writer(asking).create_collection("A", None)
    assert dict(tenant.seen[0].url.params) == {"name": "A"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.Response(403), Forbidden),
        (httpx.Response(404), Refused),
        (httpx.Response(201, json={}), Lost),
        (httpx.Response(201, json={"collection": {"id": None}}), Lost),
        (httpx.ReadTimeout("late"), Lost),
    ],
    ids=["403", "404", "no-collection", "no-id", "timeout"],
)
def test_a_creation_is_never_repeated(fault: Fault, kind: type[object]) -> None:
    tenant = Faulty([fault], fine)
    with reader(tenant) as asking:
        assert isinstance(writer(asking).create_collection("A", None), kind)
    assert len(tenant.seen) == 1


def test_reads_and_writes_share_one_pace() -> None:
    time = Time()
    options = OPTIONS.__class__(base_url=OPTIONS.base_url, requests_per_second=1)
    with reader(fine, time=time, options=options) as asking:
        first, second = writer(asking), writer(asking)
        for writing in (first, second, first, second):
            writing.share(1, [GRANT])
    assert time.passed >= 3
