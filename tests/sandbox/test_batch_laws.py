"""Laws of writing: what a batch leaves behind, and that the audit tells all of it."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.audit import Entry
from reconciler.sandbox.switches import Switches
from tests.sandbox.asking import School, action

BIOLOGY = 4711
PATH = f"/collections/{BIOLOGY}/permissions"
GRACE, LIN, OMAR, MIA, SAM = (("user", id) for id in range(102, 107))
FACULTY, MEDIA = ("group", 7), ("group", 12)
ACTIONS = st.builds(
    action,
    st.sampled_from(["create", "update", "destroy"]),
    st.sampled_from([GRACE, LIN, OMAR, FACULTY, MEDIA, ("user", 1), ("user", 101)]),
    st.sampled_from(["view", "edit"]),
)
BATCHES = st.lists(ACTIONS, min_size=1, max_size=6)
REFUSED = st.sampled_from(["atomic", "prefix", "partial"])
Refused = Literal["atomic", "prefix", "partial"]


def carried_out(
    shares: dict[tuple[str, int], str], entries: tuple[Entry, ...]
) -> dict[tuple[str, int], str]:
    after = dict(shares)
    for entry in entries:
        assert entry.principal is not None
        assert after.get(entry.principal) == entry.before
        if entry.after is None:
            del after[entry.principal]
        else:
            after[entry.principal] = entry.after
    return after


@given(batch=BATCHES, refused=REFUSED)
def test_the_audit_tells_every_change_and_nothing_else(
    batch: list[object], refused: Refused
) -> None:
    school = School(Switches(refused_batch=refused))
    before = school.tenant.shares(BIOLOGY)

    school.post(PATH, batch)

    assert school.tenant.shares(BIOLOGY) == carried_out(before, school.tenant.audit)


@given(batch=BATCHES)
def test_a_refused_atomic_batch_leaves_the_world_alone(batch: list[object]) -> None:
    school = School(Switches(refused_batch="atomic"))
    before = school.tenant.world

    response = school.post(PATH, batch)

    assert response.status == 200 or school.tenant.world is before


@given(batch=BATCHES, refused=REFUSED)
def test_a_batch_touches_one_collection(batch: list[object], refused: Refused) -> None:
    school = School(Switches(refused_batch=refused))
    before = dict(school.tenant.collections())

    school.post(PATH, batch)

    after = dict(school.tenant.collections())
    assert {**after, BIOLOGY: None} == {**before, BIOLOGY: None}


@given(batch=BATCHES, refused=REFUSED)
def test_an_accepted_batch_answers_the_list_that_stands(
    batch: list[object], refused: Refused
) -> None:
    school = School(Switches(refused_batch=refused))

    response = school.post(PATH, batch)

    if response.status == 200:
        assert json.loads(response.body) == school.read(PATH)


@given(batch=BATCHES)
def test_one_by_one_ends_as_the_partial_batch_does(batch: list[object]) -> None:
    at_once, one_by_one = School(Switches(refused_batch="partial")), School()

    at_once.post(PATH, batch)
    for each in batch:
        one_by_one.post(PATH, [each])

    assert at_once.tenant.shares(BIOLOGY) == one_by_one.tenant.shares(BIOLOGY)


@pytest.mark.parametrize(
    ("refused", "kept"),
    [("atomic", set()), ("prefix", {GRACE}), ("partial", {GRACE, OMAR})],
)
def test_what_stays_of_a_refused_batch_is_a_switch(
    refused: Refused, kept: set[tuple[str, int]]
) -> None:
    school = School(Switches(refused_batch=refused))

    response = school.post(PATH, [action("create", each) for each in (GRACE, LIN, OMAR)])

    assert response.status == 400
    assert school.tenant.shares(BIOLOGY).keys() - {FACULTY, LIN, SAM} == kept


def test_the_level_is_view_where_none_is_given() -> None:
    school = School()

    school.post(PATH, [action("create", MIA)])

    assert school.tenant.shares(BIOLOGY)[MIA] == "view"


def test_an_update_to_what_is_so_already_is_accepted_and_is_no_change() -> None:
    school = School()

    assert school.post(PATH, [action("update", LIN, "view")]).status == 200
    assert school.tenant.audit == ()


def test_users_and_groups_of_one_number_are_two() -> None:
    school = School()
    people = school.tenant.world.users
    assert 7 not in people

    assert school.post(PATH, [action("create", ("user", 7))]).status == 404


@given(names=st.lists(st.text(min_size=1).filter(str.strip), max_size=5))
def test_what_is_created_is_listed_with_its_name(names: list[str]) -> None:
    school = School()

    created = [json.loads(school.create(name).body)["collection"]["id"] for name in names]

    listed = school.read("/collections?per_page=50")["collections"]
    assert [each["name"] for each in listed if each["id"] in created] == names


@given(size=st.integers(1, 9), extra=st.integers(0, 12))
def test_pages_together_are_the_whole_list(size: int, extra: int) -> None:
    school = School()
    for number in range(extra):
        school.create(f"Extra {number}")
    whole = school.listed()

    pages = [
        school.read(f"/collections?page={number}&per_page={size}")
        for number in range(1, -(-len(whole) // size) + 1)
    ]

    assert [each["id"] for page in pages for each in page["collections"]] == whole
    assert {page["meta"]["total_count"] for page in pages} == {len(whole)}
    assert {page["meta"]["last_page"] for page in pages} == {len(pages)}
