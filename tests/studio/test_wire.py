"""JSON to nouns: never surprised, and nothing dropped without a word."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.model import OWNER, Foreign, Permission, Principal, PrincipalType
from reconciler.core.observed import Kind, LiveCollection, Person, Shares, Unreadable
from reconciler.core.plan import Change
from reconciler.errors import Location
from reconciler.studio import wire
from reconciler.studio.options import PermissionsBody
from reconciler.studio.paging import Meta, page

VIEW, EDIT = Permission.VIEW, Permission.EDIT
SOURCE = Location("config.yaml", 1, 1)


def user(id: int) -> Principal:
    return Principal(PrincipalType.USER, id)


def group(id: int) -> Principal:
    return Principal(PrincipalType.GROUP, id)


def read(document: object) -> Shares:
    shares, _ = wire.shares(document)
    assert isinstance(shares, Shares)
    return shares


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ids = st.integers(-2, 5) | st.sampled_from(["1", "02", "x", True, None, 1.0, 2**70])
words = st.sampled_from(["view", "edit", "owner", "View", "", None, 3, "\ud800"])
rows = st.one_of(
    scalars,
    st.fixed_dictionaries({}, optional={"id": ids, "permission": words, "email": scalars}),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
lists = st.fixed_dictionaries(
    {}, optional={"users": st.lists(rows) | scalars, "groups": st.lists(rows) | scalars}
)


@given(anything)
def test_no_json_breaks_the_reading(document: object) -> None:
    wire.shares(document)
    wire.shares({"users": document, "groups": document})
    for read_one in (wire.collection, wire.one_collection, wire.person):
        with contextlib.suppress(wire.NotUnderstood):
            read_one(document)
    with contextlib.suppress(wire.NotUnderstood):
        page({"rows": document, "meta": document}, "rows")


@given(lists)
def test_every_row_is_a_share_or_leaves_a_gap(document: dict[str, object]) -> None:
    shares, sightings = wire.shares(document)
    if isinstance(shares, Unreadable) or shares.gap is not None:
        return
    told = [
        (kind, row)
        for kind, key in ((user, "users"), (group, "groups"))
        for row in wire_rows(document[key])
    ]
    for kind, row in told:
        assert kind(int(row["id"])) in shares.levels  # type: ignore[call-overload]
    assert {each.id for each in shares.levels if each.type is PrincipalType.USER} == set(
        sightings.people
    )


def wire_rows(rows: object) -> list[dict[str, object]]:
    assert isinstance(rows, list)
    return rows


@given(lists)
def test_what_was_read_can_be_written_as_text(document: dict[str, object]) -> None:
    shares, sightings = wire.shares(document)
    str((shares, sightings)).encode("utf-8", "strict")


def test_a_permission_list_with_all_it_may_hold() -> None:
    shares, sightings = wire.shares(
        {
            "users": [
                {"id": 1, "full_name": "Ada L.", "email": "ada@x.test", "permission": "owner"},
                {"id": 2, "display_name": "Grace", "permission": "edit", "avatar": {}},
                {"id": 3, "full_name": "", "email": None, "permission": "manage"},
            ],
            "groups": [{"id": 1, "name": "Staff", "permission": "view"}],
        }
    )
    assert shares == Shares(
        {user(1): OWNER, user(2): EDIT, user(3): Foreign("manage"), group(1): VIEW}
    )
    assert sightings.people == {
        1: Person(1, "Ada L.", "ada@x.test"),
        2: Person(2, "Grace"),
        3: Person(3),
    }
    assert sightings.groups == {1: "Staff"}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="list"),
        pytest.param({"permission": "view"}, id="no-id"),
        pytest.param({"id": True, "permission": "view"}, id="true"),
        pytest.param({"id": 0, "permission": "view"}, id="zero"),
        pytest.param({"id": 1.0, "permission": "view"}, id="float"),
        pytest.param({"id": "01", "permission": "view"}, id="leading-zero"),
        pytest.param({"id": 2**63, "permission": "view"}, id="beyond-any-database"),
    ],
)
def test_a_row_without_a_usable_id_leaves_a_gap(row: object) -> None:
    shares = read({"users": [row, {"id": 2, "permission": "view"}], "groups": []})
    assert shares.levels == {user(2): VIEW}
    assert shares.gap is not None
    assert "a user that cannot be understood" in shares.gap


def test_an_id_written_as_text_is_the_same_id() -> None:
    assert read({"users": [{"id": "7", "permission": "view"}], "groups": []}) == Shares(
        {user(7): VIEW}
    )


def test_a_missing_list_leaves_a_gap() -> None:
    assert read({"users": []}).gap == 'the answer has no list "groups"'


@pytest.mark.parametrize("document", [None, [], {}, {"error": "busy"}, "users"], ids=repr)
def test_an_answer_without_both_lists_was_not_read(document: object) -> None:
    assert isinstance(wire.shares(document)[0], Unreadable)


def test_a_share_without_a_level_is_there_and_not_ours_to_write() -> None:
    shares = read({"users": [{"id": 7}], "groups": []})
    assert shares.levels == {user(7): Foreign("unknown")}
    assert shares.gap == "user:7 is listed without a permission"


def test_the_same_row_twice_is_one_share() -> None:
    row = {"id": 7, "permission": "view"}
    assert read({"users": [row, row], "groups": []}) == Shares({user(7): VIEW})


def test_two_levels_of_one_principal_are_neither() -> None:
    shares = read(
        {
            "users": [{"id": 7, "permission": "view"}, {"id": 7, "permission": "edit"}],
            "groups": [],
        }
    )
    assert shares.levels == {user(7): Foreign("view, edit")}
    assert shares.gap == "user:7 is listed as view and as edit"


def test_many_gaps_are_told_in_one_line() -> None:
    gap = read({"users": [None] * 40, "groups": []}).gap
    assert gap is not None
    assert gap.endswith("and 37 more of the kind")


COLLECTIONS = [
    pytest.param(
        {"id": 1, "name": None, "type": "user", "owner": {"id": 5}},
        LiveCollection(id=1, name=None, kind=Kind.USER, owner_id=5),
        id="my-library",
    ),
    pytest.param(
        {"id": 2, "name": "B", "type": "course_wide", "permission": "edit", "course_id": 9},
        LiveCollection(id=2, name="B", kind=Kind.COURSE_WIDE, level=EDIT),
        id="course",
    ),
    pytest.param(
        {"id": 3, "name": "C", "type": "collection", "owner": None, "permission": "owner"},
        LiveCollection(id=3, name="C", level=OWNER),
        id="any-other-word-is-ordinary",
    ),
    pytest.param(
        {"id": 4, "name": "D", "archived_at": "2026-01-01T00:00:00Z"},
        LiveCollection(id=4, name="D", archived=True),
        id="archived",
    ),
]


@pytest.mark.parametrize(("row", "expected"), COLLECTIONS)
def test_a_collection(row: object, expected: LiveCollection) -> None:
    assert wire.collection(row)[0] == expected


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"id": 1}, id="no-name-told"),
        pytest.param({"id": 1, "name": 7}, id="a-number-for-a-name"),
        pytest.param({"id": 1, "name": "A", "owner": "Ada"}, id="an-owner-without-id"),
        pytest.param({"name": "A"}, id="no-id"),
    ],
)
def test_a_collection_that_cannot_be_matched_is_not_understood(row: object) -> None:
    with pytest.raises(wire.NotUnderstood):
        wire.collection(row)


CHANGES = (
    Change(principal=user(1), before=None, after=VIEW, who="a", source=SOURCE),
    Change(principal=group(1), before=VIEW, after=EDIT, who="b", source=SOURCE),
    Change(principal=user(2), before=EDIT, after=None, who="c", source=SOURCE),
)


def test_a_batch_as_the_service_wants_it() -> None:
    expected = [
        {"action": "create", "id": 1, "share_type": "user", "permission_type": "view"},
        {"action": "update", "id": 1, "share_type": "group", "permission_type": "edit"},
        {"action": "destroy", "id": 2, "share_type": "user"},
    ]
    assert wire.actions(CHANGES, PermissionsBody.ARRAY) == expected
    assert wire.actions(CHANGES, PermissionsBody.WRAPPED) == {"permissions": expected}
    json.dumps(wire.actions(CHANGES, PermissionsBody.WRAPPED))


@pytest.mark.parametrize(
    ("told", "meta"),
    [
        pytest.param(
            {"current_page": 2, "total_pages": 3, "total_count": 120, "per_page": 50},
            Meta(page=2, pages=3, total=120, per_page=50),
            id="one-spelling",
        ),
        pytest.param(
            {"current_page": "2", "last_page": "3", "total": "120", "per_page": "50"},
            Meta(page=2, pages=3, total=120, per_page=50),
            id="another-as-text",
        ),
        pytest.param({"total": -1, "last_page": True, "per_page": 0}, Meta(), id="nonsense"),
        pytest.param(None, Meta(), id="none"),
    ],
)
def test_what_a_page_tells_about_its_whole(told: object, meta: Meta) -> None:
    assert page({"rows": [], "meta": told}, "rows").meta == meta
