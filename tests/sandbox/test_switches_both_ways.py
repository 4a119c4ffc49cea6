"""Every open question of the service, answered one way and the other."""

from __future__ import annotations

import json

import pytest

from reconciler.sandbox.switches import Switches
from tests.sandbox.asking import School, action

BIOLOGY, ONBOARDING = 4711, 4720
PATH = f"/collections/{BIOLOGY}/permissions"
ADA = ("user", 101)
GRACE = ("user", 102)
ARRAY = [action("create", GRACE)]
WRAPPED = {"permissions": ARRAY}


@pytest.mark.parametrize(
    ("switches", "array", "wrapped"),
    [
        pytest.param(Switches(permissions_body="array"), 200, 422, id="array"),
        pytest.param(Switches(permissions_body="wrapped"), 422, 200, id="wrapped"),
        pytest.param(Switches(permissions_body="both"), 200, 200, id="both"),
    ],
)
def test_the_body_of_a_batch(switches: Switches, array: int, wrapped: int) -> None:
    assert School(switches).post(PATH, ARRAY).status == array
    assert School(switches).post(PATH, WRAPPED).status == wrapped


@pytest.mark.parametrize(("most", "status"), [(None, 200), (1, 422), (2, 200)])
def test_a_batch_may_be_too_long(most: int | None, status: int) -> None:
    batch = [action("create", GRACE), action("create", ("user", 104))]

    assert School(Switches(max_batch=most)).post(PATH, batch).status == status


@pytest.mark.parametrize("status", [404, 400, 422])
def test_a_share_with_nobody_is_refused(status: int) -> None:
    school = School(Switches(unknown_principal=status))  # type: ignore[arg-type]

    assert school.post(PATH, [action("create", ("group", 1))]).status == status


@pytest.mark.parametrize(("allowed", "status"), [(True, 201), (False, 422)])
def test_a_second_collection_of_a_name(allowed: bool, status: int) -> None:
    school = School(Switches(duplicate_names=allowed))

    assert school.create("Biology 101").status == status
    assert school.create("Biology 101", owner=102).status == 201


@pytest.mark.parametrize("status", [201, 200])
def test_a_creation_is_answered(status: int) -> None:
    school = School(Switches(create_status=status))  # type: ignore[arg-type]

    assert school.create("New").status == status


@pytest.mark.parametrize(
    ("switches", "total"),
    [
        pytest.param(Switches(), 7, id="present"),
        pytest.param(Switches(meta="absent"), None, id="absent"),
        pytest.param(Switches(meta="wrong"), 8, id="wrong"),
    ],
)
def test_the_totals_of_a_list(switches: Switches, total: int | None) -> None:
    document = School(switches).read("/collections")

    assert document.get("meta", {}).get("total_count") == total


@pytest.mark.parametrize(
    ("switches", "ids", "total"),
    [
        pytest.param(Switches(), [4712, 4720, 4750], 7, id="still"),
        pytest.param(Switches(pages="inserted"), [4711, 4712, 4720], 8, id="one-comes-in-ahead"),
        pytest.param(Switches(pages="removed"), [4720, 4750, 4790], 6, id="one-goes"),
    ],
)
def test_the_second_page_while_others_write(switches: Switches, ids: list[int], total: int) -> None:
    switches_of_three = School(switches)

    page = switches_of_three.read("/collections?per_page=2&page=2")
    wider = switches_of_three.read("/collections?per_page=3&page=2")

    assert [each["id"] for each in page["collections"]] == ids[:2]
    assert page["meta"]["total_count"] == wider["meta"]["total_count"] == total


@pytest.mark.parametrize(
    ("switches", "gone"),
    [
        pytest.param(Switches(), set(), id="an-admin-sees-all"),
        pytest.param(Switches(library_listed=False), {4001}, id="without-my-library"),
        pytest.param(Switches(archived_listed=False), {4790}, id="without-archived"),
        pytest.param(Switches(admin_reaches_all=False), {4750, 4800}, id="only-own-and-shared"),
    ],
)
def test_what_the_listing_shows(switches: Switches, gone: set[int]) -> None:
    school = School(switches)

    assert set(school.listed()) == set(school.tenant.collections()) - gone


@pytest.mark.parametrize("listed", [True, False])
def test_what_was_created_for_another_in_the_creators_listing(listed: bool) -> None:
    school = School(Switches(created_for_others_listed=listed))

    id = json.loads(school.create("For Grace", owner=102).body)["collection"]["id"]

    assert (id in school.listed()) is listed
    theirs = school.read("/users/102/collections")["collections"]
    assert id in [each["id"] for each in theirs]


@pytest.mark.parametrize("told", [True, False])
def test_whether_a_collection_says_that_it_is_archived(told: bool) -> None:
    school = School(Switches(archived_told=told))

    old = school.read("/collections/4790")["collection"]
    assert ("archived_at" in old) is told


@pytest.mark.parametrize("word", ["collection", "group", None])
def test_the_type_word_of_an_ordinary_collection(word: str | None) -> None:
    school = School(Switches(ordinary_type=word))

    types = {each["id"]: each["type"] for each in school.read("/collections")["collections"]}

    assert (types[BIOLOGY], types[4001], types[4800]) == (word, "user", "course_wide")


@pytest.mark.parametrize("listed", [True, False])
def test_the_owner_in_the_permission_list(listed: bool) -> None:
    school = School(Switches(owner_listed=listed))

    assert school.permissions(BIOLOGY).get(ADA) == ("owner" if listed else None)


@pytest.mark.parametrize("listed", [True, False])
def test_the_tokens_own_user_in_the_permission_list(listed: bool) -> None:
    school = School(Switches(self_listed=listed))

    assert (ADA in school.permissions(ONBOARDING)) is listed
    assert (ADA in school.permissions(BIOLOGY)) is listed


def test_a_word_of_the_services_own_stands_in_every_list_and_can_not_be_changed() -> None:
    school = School(Switches(foreign_word="oversee"))

    (stranger,) = [who for who, word in school.permissions(4750).items() if word == "oversee"]

    assert school.post(PATH, [action("destroy", stranger)]).status == 400


@pytest.mark.parametrize(
    ("switches", "shown"),
    [
        pytest.param(Switches(), "grace@school.edu", id="address"),
        pytest.param(Switches(emails="login"), "grace", id="login"),
        pytest.param(Switches(emails="missing"), None, id="missing"),
    ],
)
def test_the_address_of_a_person(switches: Switches, shown: str | None) -> None:
    assert School(switches).read("/users/102")["user"]["email"] == shown


@pytest.mark.parametrize(
    ("switches", "text", "hits"),
    [
        pytest.param(Switches(), "GRACE@school.edu", [102], id="case-does-not-matter"),
        pytest.param(Switches(), "grace", [], id="only-whole-addresses"),
        pytest.param(Switches(user_search="exact_case"), "GRACE@school.edu", [], id="case-matters"),
        pytest.param(Switches(user_search="exact_case"), "grace@school.edu", [102], id="exact"),
        pytest.param(Switches(user_search="prefix"), "Gr", [102], id="prefix"),
        pytest.param(Switches(user_search="prefix"), "g", [102, 907], id="prefix-of-several"),
        pytest.param(Switches(unsearchable=(102,)), "grace@school.edu", [], id="never-found"),
    ],
)
def test_whom_a_search_finds(switches: Switches, text: str, hits: list[int]) -> None:
    found = School(switches).read(f"/users/search?email={text}")["users"]

    assert [each["id"] for each in found] == hits


def test_a_tenant_may_have_no_search() -> None:
    school = School(Switches(user_search="missing"))

    assert school.get("/users/search?email=grace@school.edu").status == 404


@pytest.mark.parametrize(
    ("switches", "own", "of_another"),
    [
        pytest.param(Switches(), 200, 200, id="there"),
        pytest.param(Switches(user_collections="missing"), 404, 404, id="missing"),
        pytest.param(Switches(user_collections="forbidden"), 200, 403, id="forbidden"),
    ],
)
def test_what_a_user_reaches(switches: Switches, own: int, of_another: int) -> None:
    school = School(switches)

    assert school.get("/users/101/collections").status == own
    assert school.get("/users/102/collections").status == of_another


@pytest.mark.parametrize("extra", [True, False])
def test_unknown_fields(extra: bool) -> None:
    school = School(Switches(extra_fields=extra))

    assert ("x_sandbox" in school.read("/collections/4711")["collection"]) is extra
    assert ("x_sandbox" in school.read(PATH)) is extra


def test_the_word_that_takes_a_member_out() -> None:
    school = School(Switches(member_removal_verb="delete"))
    body = [{"action": "delete", "user_id": 103}]

    assert school.post("/groups/7/users/batch_update", body).status == 200
    assert 103 not in school.tenant.world.groups[7].members


def test_more_requests_than_the_limit_in_a_second_are_429_until_it_is_over() -> None:
    school = School(Switches(rate_limit=2))

    assert [school.get("/ping").status for _ in range(3)] == [200, 200, 429]
    school.clock.forward(1)
    assert school.get("/ping").status == 200


def test_a_switch_can_be_turned_while_the_tenant_runs() -> None:
    school = School()

    school.tenant.switch(owner_listed=False)

    assert ADA not in school.permissions(BIOLOGY)
