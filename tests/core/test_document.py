"""The plan as plain data: the contract's shape, and a fingerprint over all but id and times."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.core.document import (
    Document,
    Header,
    dump,
    fingerprint,
    instant,
    observed_fingerprint,
    plan_document,
    result_document,
)
from reconciler.core.guards import approve
from reconciler.core.limits import Limit
from reconciler.core.model import Foreign, Notice
from reconciler.core.observed import Shares
from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Plan
from tests.builders import (
    EDIT,
    ME,
    NOW,
    OFF,
    VIEW,
    at,
    facts_of,
    grants,
    group,
    plan_of,
    planned,
    removals,
    user,
)

HEADER = Header(
    id="01JD",
    created_at=NOW,
    studio="https://school.test",
    config_path="config.yaml",
    config_digest="sha256:00",
    commit=None,
)
LATER = replace(HEADER, id="01JE", created_at=NOW + timedelta(hours=1))


def a_plan() -> Plan:
    plan = plan_of(
        planned(*grants(1), *removals(2), changeable=9),
        planned(*grants(1, first=7), id=None, name="New", owner=ME),
    )
    plan = replace(plan, notices=(Notice(at(61), "unresolved-user", "who?"),))
    return approve(plan, facts_of(plan, replace(OFF, removals_per_pass=Limit(1)))).plan


def document(header: Header = HEADER) -> Document:
    return plan_document(a_plan(), header)


def test_the_shape_is_the_contract_s() -> None:
    plan = json.loads(dump(document()))

    assert set(plan) == {
        "format", "id", "fingerprint", "created_at", "studio", "config", "summary", "collections",
        "holds", "warnings",
    }  # fmt: skip
    assert set(plan["config"]) == {"path", "digest", "commit"}
    assert set(plan["summary"]) == {
        "collections", "create_collection", "create", "update", "destroy", "held", "unchanged",
        "unresolved", "unreadable",
    }  # fmt: skip
    first, new = plan["collections"]
    assert set(first) == {
        "name", "id", "owner_id", "action", "hold", "mode", "observed_fingerprint", "status",
        "reason", "left_alone", "changes",
    }  # fmt: skip
    assert set(first["changes"][0]) == {
        "action", "share_type", "id", "who", "before", "permission_type", "source", "reason",
        "hold",
    }  # fmt: skip
    assert (first["action"], new["action"], new["id"]) == ("none", "create", None)
    (hold,) = plan["holds"]
    assert set(hold) == {"hold", "guard", "collection", "detail", "changes"}
    assert [each["hold"] for each in first["changes"]] == [None, hold["hold"], hold["hold"]]
    assert plan["warnings"] == [
        {"code": "unresolved-user", "message": "who?", "source": "config.yaml:61"}
    ]


def test_two_plans_of_one_state_differ_only_in_id_and_times() -> None:
    first, second = document(), document(LATER)

    assert first["fingerprint"] == second["fingerprint"]
    assert {key for key in first if first[key] != second[key]} == {"id", "created_at"}


def test_the_fingerprint_holds_after_a_round_trip() -> None:
    read = json.loads(dump(document()))

    assert fingerprint(read) == read["fingerprint"]


def leaves(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, each in enumerate(value) for leaf in leaves(each, (*path, at))]
    return [path]


UNCOVERED = {("id",), ("created_at",), ("fingerprint",)}


@pytest.mark.parametrize("path", leaves(json.loads(dump(document()))), ids=str)
def test_the_fingerprint_covers_every_value_but_id_and_time(path: tuple[object, ...]) -> None:
    read = json.loads(dump(document()))
    inner = read
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = "something else"

    assert (fingerprint(read) == read["fingerprint"] or path == ("fingerprint",)) is (
        path in UNCOVERED
    )


@pytest.mark.parametrize("name", [field.name for field in fields(Header)])
def test_what_the_header_says_is_in_the_document(name: str) -> None:
    other = replace(HEADER, **{name: NOW + timedelta(days=1) if name == "created_at" else "else"})  # type: ignore[arg-type]

    assert document(other) != document()


def test_a_result_says_what_became_of_each_change() -> None:
    plan = a_plan()
    first, new = plan.collections
    ana, ben = first.changes[0].principal, new.changes[0].principal
    outcomes = Outcomes(
        shares={(first.key, ana): APPLIED, (new.key, ben): Outcome(Result.UNKNOWN, "lost")},
        collections={new.key: APPLIED},
    )
    told = json.loads(dump(result_document(plan, outcomes, HEADER)))

    assert told["format"] == "reconciler.result/1"
    assert fingerprint(told) == told["fingerprint"]
    biology, created = told["collections"]
    assert [each["outcome"] for each in biology["changes"]] == ["applied", "not_tried", "not_tried"]
    assert "outcome" not in biology
    assert (created["outcome"], created["error"]) == ("applied", None)
    assert created["changes"][0]["outcome"] == "unknown"
    assert created["changes"][0]["error"] == "lost"


LISTS = [
    pytest.param(Shares({user(2): VIEW}), id="one"),
    pytest.param(Shares({user(2): EDIT}), id="another-level"),
    pytest.param(Shares({group(2): VIEW}), id="another-type"),
    pytest.param(Shares({user(2): Foreign("manage")}), id="a-foreign-word"),
    pytest.param(Shares({user(2): VIEW}, "half"), id="a-gap"),
    pytest.param(Shares({user(2): VIEW, user(3): VIEW}), id="two"),
    pytest.param(Shares({}), id="none"),
    pytest.param(None, id="not-read"),
]


def test_lists_that_differ_have_fingerprints_that_differ() -> None:
    lists = [each.values[0] for each in LISTS]

    assert len({observed_fingerprint(each) for each in lists}) == len(lists)  # type: ignore[arg-type]


def test_a_list_has_one_fingerprint_in_any_order() -> None:
    one, other = {user(2): VIEW, user(3): EDIT}, {user(3): EDIT, user(2): VIEW}

    assert observed_fingerprint(Shares(one)) == observed_fingerprint(Shares(other))


NAMES = ["Überblick 山田", "half \ud800 a pair", 'quote " and \\', "line\nbreak", "\x1b[31m"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_comes_back_as_it_was(name: str) -> None:
    text = dump(plan_document(plan_of(planned(name=name)), HEADER))

    assert text.encode()
    assert json.loads(text)["collections"][0]["name"] == name


def test_keys_are_sorted() -> None:
    text = dump(document())

    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 12, tzinfo=UTC),
        datetime(2026, 11, 23, 6, tzinfo=timezone(timedelta(hours=-6))),
        datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC),
    ],
)
def test_times_are_in_utc_and_whole_seconds(moment: datetime) -> None:
    assert instant(moment) == "2026-11-23T12:00:00Z"
