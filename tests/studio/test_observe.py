"""Shares, people and members: what each answer, and each failure, becomes."""

from __future__ import annotations

import contextvars
import threading

import httpx
import pytest

from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.observed import (
    Absent,
    LiveCollection,
    LookupFailed,
    Person,
    Shares,
    Sightings,
    Unreadable,
)
from reconciler.errors import Unauthorized
from reconciler.studio.observe import Observer, Progress, merge
from reconciler.studio.parallel import in_parallel
from tests.studio.stage import Faulty, Handler, collection, reader

ADA: dict[str, object] = {"id": 1, "full_name": "Ada", "email": "ada@school.test"}


def observer(handler: Handler, progress: Progress | None = None) -> Observer:
    return Observer(reader(handler), concurrency=3, progress=progress)


def always(status: int, document: object = None) -> Faulty:
    return Faulty([], lambda _: httpx.Response(status, json=document))


@pytest.mark.parametrize(
    ("tenant", "answer"),
    [
        pytest.param(
            always(200, {"collection": collection(5)}),
            LiveCollection(id=5, name="Course 5", owner_id=101),
            id="there",
        ),
        pytest.param(
            always(404, {"error": "gone"}), Absent("collection 5: answered 404: gone"), id="404"
        ),
        pytest.param(
            always(403, {"error": "no"}), Unreadable("collection 5: answered 403: no"), id="403"
        ),
        pytest.param(
            always(200, {"collection": collection(6)}),
            Unreadable("collection 5: the service answered collection 6"),
            id="another",
        ),
        pytest.param(
            always(200, {}),
            Unreadable("collection 5: the answer holds no collection"),
            id="no-collection",
        ),
        pytest.param(
            always(500),
            Unreadable("collection 5: answered 500, also when asked again"),
            id="500",
        ),
    ],
)
def test_a_direct_question(tenant: Faulty, answer: object) -> None:
    assert observer(tenant).collection(5) == answer


def permissions(request: httpx.Request) -> httpx.Response:
    id = int(request.url.path.split("/")[-2])
    if id == 13:
        return httpx.Response(403, json={"error": "not yours"})
    row = {"id": id, "email": f"u{id}@school.test", "permission": "view"}
    return httpx.Response(200, json={"users": [row], "groups": []})


def test_the_shares_come_in_the_order_asked_for_one_request_each() -> None:
    told: list[tuple[str, int, int]] = []
    tenant = Faulty([], permissions)
    ids = [40, 3, 13, 27, 3]
    shares, sightings = observer(tenant, lambda *news: told.append(news)).shares(ids)
    assert list(shares) == [40, 3, 13, 27]
    assert shares[13] == Unreadable("permissions: answered 403: not yours")
    assert shares[40] == Shares({Principal(PrincipalType.USER, 40): Permission.VIEW})
    assert set(sightings.people) == {40, 3, 27}
    assert len(tenant.seen) == 4
    assert told == [("permissions", n, 4) for n in range(1, 5)]


def test_no_shares_asked_for_is_no_request() -> None:
    tenant = Faulty([], permissions)
    assert observer(tenant).shares([]) == ({}, Sightings())
    assert tenant.seen == []


def test_a_refused_token_ends_the_reading() -> None:
    with pytest.raises(Unauthorized):
        observer(always(401)).shares(range(1, 500))


def search(request: httpx.Request) -> httpx.Response:
    people: list[dict[str, object]] = [
        ADA,
        {"id": 2, "email": "ADA@school.test.org"},
        {"id": 3},
        {"id": 4, "email": "ada"},
    ]
    asked = request.url.params["email"].lower()
    hits = [each for each in people if asked[:3] in str(each.get("email")).lower()]
    return httpx.Response(200, json={"users": hits})


def test_only_the_exact_address_is_a_hit() -> None:
    found = observer(search).people(["Ada@School.test", "adam@school.test", "nobody@x.test"])
    assert found == {
        "Ada@School.test": (Person(1, "Ada", "ada@school.test"),),
        "adam@school.test": (),
        "nobody@x.test": (),
    }


def test_two_people_of_one_address_are_both_told() -> None:
    rows = [ADA, {**ADA, "id": 2}, ADA]
    found = observer(always(200, {"users": rows})).people(["ada@school.test"])
    assert [each.id for each in found["ada@school.test"]] == [1, 2]  # type: ignore[union-attr]


def test_a_search_in_pages_is_read_to_its_end() -> None:
    def paged(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("page", "1"))
        row = {"id": number, "email": "ada@school.test" if number == 3 else f"x{number}"}
        return httpx.Response(200, json={"users": [row], "meta": {"total_pages": 3}})

    tenant = Faulty([], paged)
    found = observer(tenant).people(["ada@school.test"])
    assert found == {"ada@school.test": (Person(3, None, "ada@school.test"),)}
    assert len(tenant.seen) == 3


@pytest.mark.parametrize(
    ("tenant", "reason"),
    [
        pytest.param(always(404), "this tenant does not offer the search", id="404"),
        pytest.param(always(403, {"error": "no"}), "answered 403: no", id="403"),
        pytest.param(always(200, {}), 'the answer has no list "users"', id="no-list"),
        pytest.param(
            always(200, {"users": [ADA, None]}),
            "a person that cannot be understood: NoneType where an object should be",
            id="junk",
        ),
        pytest.param(
            always(200, {"users": [ADA], "meta": {"total": 2}}),
            "page 2 repeats rows of earlier pages: the list moved while read;"
            " the service counts 2, shows 1",
            id="not-all",
        ),
    ],
)
def test_a_search_without_a_usable_answer_is_no_evidence(tenant: Faulty, reason: str) -> None:
    assert observer(tenant).people(["ada@school.test"]) == {"ada@school.test": LookupFailed(reason)}


def test_the_members_of_a_group() -> None:
    tenant = always(200, {"group_users": [{**ADA, "permission": "member"}]})
    assert observer(tenant).members(12) == (Person(1, "Ada", "ada@school.test"),)
    assert str(tenant.seen[0].url) == "https://school.test/api/public/v1/groups/12/users"


def test_members_that_may_not_be_read_are_unreadable() -> None:
    assert observer(always(403, {"error": "members only"})).members(12) == Unreadable(
        "the members of group 12: answered 403: members only"
    )


def test_of_two_sightings_the_one_with_an_address_is_kept() -> None:
    plain, full = Person(1, "Ada"), Person(1, "Ada", "ada@school.test")
    for seen in ([plain, full], [full, plain]):
        assert merge(Sightings(people={1: each}) for each in seen).people == {1: full}
    assert merge([Sightings(groups={1: "Staff"}), Sightings(groups={1: None})]).groups == {
        1: "Staff"
    }


def test_the_context_of_the_caller_goes_with_the_work() -> None:
    pass_id = contextvars.ContextVar[str]("pass_id")
    token = pass_id.set("01J")
    seen = in_parallel(lambda _: (pass_id.get(), threading.get_ident()), range(8), threads=2)
    pass_id.reset(token)
    assert {name for name, _ in seen} == {"01J"}
    assert threading.get_ident() not in {thread for _, thread in seen}


def test_the_first_failure_ends_the_work_and_drops_what_has_not_begun() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        raise RuntimeError(str(number))

    with pytest.raises(RuntimeError):
        in_parallel(work, range(10_000), threads=2)
    assert len(begun) < 10_000
