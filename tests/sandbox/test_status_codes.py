"""What the service answers to what is wrong, and to what is right."""

from __future__ import annotations

import json

import pytest

from reconciler.sandbox.messages import Request
from reconciler.sandbox.switches import Switches
from tests.sandbox.asking import V1, School, action

GRACE = ("user", 102)
LIN = ("user", 103)
BIOLOGY = 4711

CASES = [
    pytest.param("GET", "/ping", None, 200, id="ping"),
    pytest.param("GET", "/collections", None, 200, id="collections"),
    pytest.param("GET", "/collections?per_page=50", None, 200, id="fifty-a-page"),
    pytest.param("GET", "/collections?per_page=51", None, 422, id="over-fifty-a-page"),
    pytest.param("GET", "/collections?per_page=0", None, 422, id="none-a-page"),
    pytest.param("GET", "/collections?page=-1", None, 422, id="page-before-the-first"),
    pytest.param("GET", "/collections?page=99", None, 200, id="page-past-the-last"),
    pytest.param("GET", "/collections/4711", None, 200, id="collection"),
    pytest.param("GET", "/collections/1", None, 404, id="no-such-collection"),
    pytest.param("GET", "/collections/x", None, 422, id="collection-id-no-number"),
    pytest.param("GET", f"/collections/{'9' * 5000}", None, 422, id="collection-id-endless"),
    pytest.param("GET", "/collections?page=²", None, 422, id="page-no-ascii"),
    pytest.param("GET", "/collections/4711/permissions", None, 200, id="permissions"),
    pytest.param("GET", "/collections/1/permissions", None, 404, id="permissions-of-nothing"),
    pytest.param("GET", "/users/102", None, 200, id="user"),
    pytest.param("GET", "/users/1", None, 404, id="no-such-user"),
    pytest.param("GET", "/users/search", None, 400, id="search-for-nothing"),
    pytest.param("GET", "/users/search?email=no@body", None, 200, id="search-finds-nobody"),
    pytest.param("GET", "/users/102/collections", None, 200, id="user-collections"),
    pytest.param("GET", "/users/101/library", None, 200, id="library"),
    pytest.param("GET", "/users/102/library", None, 404, id="no-library"),
    pytest.param("GET", "/groups/7/users", None, 200, id="group-users"),
    pytest.param("GET", "/groups/1/users", None, 404, id="no-such-group"),
    pytest.param("GET", "/courses/900", None, 200, id="course"),
    pytest.param("GET", "/courses/1", None, 404, id="no-such-course"),
    pytest.param("GET", "/nothing", None, 404, id="no-such-path"),
    pytest.param("POST", "/ping", None, 405, id="wrong-verb"),
    pytest.param("POST", "/collections?name=New", None, 201, id="create-collection"),
    pytest.param("POST", "/collections", None, 422, id="create-without-name"),
    pytest.param("POST", "/collections", {"name": "New"}, 422, id="name-in-the-body"),
    pytest.param("POST", "/collections?name=N&user_id=102", None, 201, id="create-for-another"),
    pytest.param("POST", "/collections?name=N&user_id=1", None, 404, id="create-for-nobody"),
    pytest.param("POST", "/collections?name=N&user_id=x", None, 422, id="owner-no-number"),
    pytest.param(
        "POST", "/collections/4711/permissions", [action("create", GRACE)], 200, id="share"
    ),
    pytest.param(
        "POST", "/collections/4711/permissions", [action("create", LIN)], 400, id="share-again"
    ),
    pytest.param(
        "POST",
        "/collections/4711/permissions",
        [action("update", GRACE, "edit")],
        400,
        id="update-what-is-not-there",
    ),
    pytest.param(
        "POST",
        "/collections/4711/permissions",
        [action("destroy", GRACE)],
        400,
        id="destroy-what-is-not-there",
    ),
    pytest.param(
        "POST",
        "/collections/4711/permissions",
        [action("create", ("user", 101))],
        400,
        id="share-with-the-owner",
    ),
    pytest.param(
        "POST",
        "/collections/4711/permissions",
        [action("create", ("user", 1))],
        404,
        id="share-with-nobody",
    ),
    pytest.param(
        "POST",
        "/collections/4711/permissions",
        [action("create", GRACE, "owner")],
        422,
        id="unknown-level",
    ),
    pytest.param(
        "POST", "/collections/4711/permissions", [action("grant", GRACE)], 422, id="unknown-verb"
    ),
    pytest.param(
        "POST",
        "/collections/4711/permissions",
        [{"action": "create", "id": "102", "share_type": "user"}],
        422,
        id="id-in-quotes",
    ),
    pytest.param("POST", "/collections/4711/permissions", [], 422, id="no-actions"),
    pytest.param("POST", "/collections/4711/permissions", None, 422, id="no-body"),
    pytest.param(
        "POST",
        "/groups/7/users/batch_update",
        [{"action": "add", "user_id": 104}],
        200,
        id="add-a-member",
    ),
    pytest.param(
        "POST",
        "/groups/7/users/batch_update",
        [{"action": "add", "user_id": 103}],
        400,
        id="add-a-member-again",
    ),
    pytest.param(
        "POST",
        "/groups/7/users/batch_update",
        [{"action": "add", "user_id": 1}],
        404,
        id="add-nobody",
    ),
    pytest.param("DELETE", "/collections/4711", None, 405, id="delete"),
    pytest.param("POST", "/collections/4711/archive", None, 405, id="archive"),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), CASES)
def test_a_request_is_answered_with_its_status(
    method: str, path: str, body: object, status: int
) -> None:
    response = School().ask(method, V1 + path, body)

    assert response.status == status, response.body


@pytest.mark.parametrize(("method", "path", "body", "status"), CASES)
def test_a_refusal_is_a_json_document_that_says_why_and_changes_nothing(
    method: str, path: str, body: object, status: int
) -> None:
    school = School()
    before = school.tenant.world

    response = school.ask(method, V1 + path, body)

    if status >= 400:
        assert list(json.loads(response.body)) == ["error"]
        assert school.tenant.world is before


@pytest.mark.parametrize("token", [None, "wrong", ""])
@pytest.mark.parametrize("path", ["/ping", "/collections", "/collections/4711", "/nothing"])
def test_without_a_good_token_everything_is_401(path: str, token: str | None) -> None:
    assert School().ask("GET", V1 + path, token=token).status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/collections/4711"),
        ("PUT", "/collections/4711"),
        ("PATCH", "/collections/4711"),
        ("POST", "/collections/4711/archive"),
    ],
)
def test_what_must_never_be_asked_for_is_on_record(method: str, path: str) -> None:
    school = School()

    school.ask(method, V1 + path)

    (entry,) = school.tenant.audit
    assert (entry.action, entry.collection) == ("forbidden", BIOLOGY)
    assert BIOLOGY in school.tenant.collections()


FOR_AN_ORDINARY_USER = [
    pytest.param("GET", "/collections/4711", None, 403, id="not-shared-with-them"),
    pytest.param("GET", "/collections/4750", None, 200, id="shared-with-them"),
    pytest.param("GET", "/users/103", None, 403, id="another-user"),
    pytest.param("GET", "/users/102", None, 200, id="themselves"),
    pytest.param("GET", "/users/search?email=lin@school.edu", None, 403, id="search"),
    pytest.param("GET", "/groups/7/users", None, 200, id="own-group"),
    pytest.param("GET", "/groups/12/users", None, 403, id="another-group"),
    pytest.param("POST", "/collections?name=N", None, 201, id="own-collection"),
    pytest.param("POST", "/collections?name=N&user_id=103", None, 403, id="for-another"),
    pytest.param(
        "POST", "/collections/4750/permissions", [action("create", LIN)], 200, id="share-on-at-view"
    ),
    pytest.param(
        "POST",
        "/collections/4750/permissions",
        [action("create", LIN, "edit")],
        403,
        id="share-on-at-edit",
    ),
    pytest.param(
        "POST", "/collections/4750/permissions", [action("destroy", GRACE)], 200, id="drop-own"
    ),
    pytest.param(
        "POST", "/groups/7/users/batch_update", [], 403, id="change-members-without-the-role"
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), FOR_AN_ORDINARY_USER)
def test_a_user_without_the_role_may_do_what_is_theirs(
    method: str, path: str, body: object, status: int
) -> None:
    school = School()
    # Grace takes part without group 7's view on Biology 101.
    school.tenant.unshare(BIOLOGY, ("group", 7))
    token = school.token_for(102)

    assert school.ask(method, V1 + path, body, token=token).status == status


def test_the_body_must_say_that_it_is_json() -> None:
    school = School()
    request = Request.of(
        "POST",
        f"{V1}/collections/4711/permissions",
        {"Authorization": "Bearer sandbox", "Content-Type": "text/plain"},
        b'[{"action": "create", "id": 102, "share_type": "user"}]',
    )

    assert school.tenant.handle(request).status == 422


def test_two_slashes_are_one() -> None:
    assert School().ask("GET", "/api/public/v1//ping").body == b"pong"


def test_the_document_of_the_service_describes_every_route() -> None:
    response = School().ask("GET", "/api/public/apidocs")

    assert "/collections/{id}/permissions" in json.loads(response.body)["paths"]


def test_an_old_tenant_serves_no_document() -> None:
    school = School(Switches(apidocs=False))

    assert school.ask("GET", "/api/public/apidocs").status == 404
