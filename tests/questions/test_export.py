"""What is exported plans to nothing, whatever the tenant holds and however it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import Declarations
from reconciler.core.model import Status
from reconciler.core.observed import Kind
from reconciler.core.plan import LeftAlone, Plan, Why
from reconciler.questions.carried import Carried
from reconciler.questions.export import export
from reconciler.questions.export_text import About, render
from reconciler.questions.selection import select
from reconciler.questions.survey import look, share_gaps, with_shares
from reconciler.report.wording import agrees
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.seed import SCHOOL
from reconciler.sandbox.tenant import Tenant
from tests.questions.asking import loaded, observing, plan_of, tenant_of

NAMES = st.text(max_size=12) | st.sampled_from(
    [
        "no",
        "010",
        "a: b #c",
        "x\n  - name: evil",
        "\u202egnp.exe",
        "🧪 ❤\ufe0f",
        " spaced ",
        "N" * 1500,
    ]
)
ADDRESSES = st.sampled_from(
    [
        None,
        "ada@school.edu",
        "ADA@school.edu",
        "lin@school.edu",
        "o'mally+x@school.edu",
        "login",
        "4711",
    ]
) | st.text(min_size=1, max_size=8)
LEVELS = st.sampled_from(["view", "edit", "owner", "oversee: #all"])
KINDS = st.sampled_from(["ordinary", "ordinary", "ordinary", "user", "course_wide"])


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    """A small tenant in which everything may be odd at once."""
    users = [
        {"id": id, "name": draw(NAMES), "email": draw(ADDRESSES), "admin": id == 1}
        for id in range(1, 5)
    ]
    groups = [{"id": id, "name": draw(NAMES)} for id in range(1, 4)]
    principals = [("user", id) for id in range(1, 5)] + [("group", id) for id in range(1, 4)]
    collections = [
        {
            "id": 10 + number,
            "name": draw(st.none() | NAMES),
            "owner": (owner := draw(st.integers(1, 4))),
            "type": draw(KINDS),
            "archived_at": draw(st.sampled_from([None, None, None, "2026-01-31T00:00:00Z"])),
            "shares": [
                {kind: id, "permission": draw(LEVELS)}
                for kind, id in draw(st.lists(st.sampled_from(principals), unique=True))
                if (kind, id) != ("user", owner)
            ],
        }
        for number in range(draw(st.integers(0, 4)))
    ]
    document = {"me": 1, "users": users, "groups": groups, "collections": collections}
    return tenant_of(
        document,
        emails=draw(st.sampled_from(["address", "missing", "login"])),
        owner_listed=draw(st.booleans()),
        self_listed=draw(st.booleans()),
        library_listed=draw(st.booleans()),
        archived_told=draw(st.booleans()),
        foreign_word=draw(st.sampled_from([None, "support"])),
        meta=draw(st.sampled_from(["present", "absent"])),
    )


def exported(tenant: Tenant, **chosen: Any) -> str:  # noqa: ANN401 - what select takes
    with observing(tenant) as studio:
        selection = select(studio, look(studio), Declarations(), **chosen)
        seen = with_shares(studio, selection.seen, selection.ids)
    return render(export(seen), Carried(()), About(studio="https://sandbox.localhost"))


def differences(plan: Plan) -> list[object]:
    """What keeps the plan from agreeing, but for levels that no file can say."""
    left = [
        replace(
            each, left_alone=tuple(one for one in each.left_alone if one.why is not Why.FOREIGN)
        )
        for each in plan.collections
    ]
    return [*plan.holds, *(each for each in left if not agrees(each))]


def _known(alone: tuple[LeftAlone, ...]) -> tuple[LeftAlone, ...]:
    return tuple(each for each in alone if each.why is not Why.FOREIGN)


@given(tenants())
def test_an_export_plans_to_nothing(tenant: Tenant) -> None:
    plan = plan_of(exported(tenant), tenant)

    assert not plan.has_changes
    assert differences(plan) == []
    assert {each.code for each in plan.notices} <= {"collection-renamed"}
    assert all(each.status is Status.OK for each in plan.collections)


@given(tenants())
def test_an_export_holds_every_collection_that_people_share(tenant: Tenant) -> None:
    text = exported(tenant)
    ids = {each.id for each in loaded(text).declarations.collections}

    with observing(tenant) as studio:
        listed = studio.listing()[0].collections
    used = {id for id, each in listed.items() if each.kind is Kind.ORDINARY and not each.archived}
    assert ids == used


@given(tenants())
def test_two_exports_of_one_tenant_are_the_same_bytes(tenant: Tenant) -> None:
    assert exported(tenant) == exported(tenant)


def test_a_drift_after_the_export_is_a_change() -> None:
    tenant = tenant_of()
    text = exported(tenant)
    tenant.unshare(4711, ("user", 103))
    tenant.share(4750, ("user", 105))

    plan = plan_of(text, tenant)

    assert [(each.id, str(one.principal), one.action.value) for each, one in plan.changes()] == [
        (4711, "user:103", "create"),
        (4750, "user:105", "destroy"),
    ]


def test_a_private_collection_stays_private() -> None:
    tenant = tenant_of()
    tenant.unshare(4750, ("user", 102))
    text = exported(tenant)
    tenant.share(4750, ("user", 105))

    plan = plan_of(text, tenant)

    assert not plan.holds
    assert [one.action.value for _, one in plan.changes()] == ["destroy"]


def test_a_list_that_cannot_be_read_becomes_a_remark_and_no_entry() -> None:
    tenant = tenant_of(
        SCHOOL,
        Fault(fault="status", status=403, route="GET /collections/4711/permissions", times=99),
    )
    with observing(tenant) as studio:
        seen = with_shares(studio, look(studio), [4711, 4712])
    text = render(export(seen), Carried(()), About(studio="https://sandbox.localhost"))

    assert [each.id for each in loaded(text).declarations.collections] == [4712]
    assert "# collection 4711 “Biology 101” could not be read" in text
    assert [gap.what for gap in share_gaps(seen, [4711, 4712])] == ["collection 4711 “Biology 101”"]


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        pytest.param({}, [4711, 4712, 4720, 4750], id="all"),
        pytest.param({"owner": "grace@school.edu"}, [4720], id="owner-by-address"),
        pytest.param({"owner": "GRACE@school.edu"}, [4720], id="case-of-an-address"),
        pytest.param({"owner": "104"}, [4750], id="owner-by-id"),
        pytest.param({"owner": "user:104"}, [4750], id="owner-as-principal"),
        pytest.param({"owner": "lin@school.edu"}, [], id="owner-of-nothing"),
        pytest.param({"names": ["Student Films", "Biology 101"]}, [4711, 4750], id="by-name"),
        pytest.param({"names": ["4712"]}, [4712], id="by-id"),
        pytest.param({"owner": "101", "names": ["Biology 101"]}, [4711], id="both"),
    ],
)
def test_an_export_may_be_narrowed(chosen: dict[str, Any], ids: list[int]) -> None:
    text = exported(tenant_of(), **chosen)

    assert sorted(each.id or 0 for each in loaded(text).declarations.collections) == ids


def test_an_owner_s_collections_are_found_where_the_token_s_listing_hides_them() -> None:
    tenant = tenant_of()
    tenant.switch(created_for_others_listed=False)
    hidden = replace(tenant.collections()[4750], id=4751, created_by=101)
    tenant.put(hidden)
    text = exported(tenant, owner="omar@school.edu")

    assert {each.id for each in loaded(text).declarations.collections} == {4750, 4751}
    assert not plan_of(text, tenant).has_changes
