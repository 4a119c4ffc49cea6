"""What a change is, and how a plan is counted."""

from __future__ import annotations

import itertools

import pytest

from reconciler.core.model import Permission, Status
from reconciler.core.plan import Action, Change, Summary, summarize
from tests.builders import (
    EDIT,
    VIEW,
    change,
    escalations,
    expiries,
    grants,
    group,
    lowerings,
    plan_of,
    planned,
    removals,
    user,
)

KINDS = [
    pytest.param(grants(1)[0], Action.CREATE, {"grant"}, id="grant"),
    pytest.param(escalations(1)[0], Action.UPDATE, {"escalation"}, id="escalation"),
    pytest.param(lowerings(1)[0], Action.UPDATE, {"removal", "taking"}, id="lowering"),
    pytest.param(removals(1)[0], Action.DESTROY, {"removal", "taking"}, id="removal"),
    pytest.param(expiries(1)[0], Action.DESTROY, {"expiry", "taking"}, id="expiry"),
]


@pytest.mark.parametrize(("one", "action", "kinds"), KINDS)
def test_every_change_is_of_one_kind(one: Change, action: Action, kinds: set[str]) -> None:
    told = {
        "grant": one.is_grant,
        "escalation": one.is_escalation,
        "removal": one.is_removal,
        "expiry": one.is_expiry,
        "taking": one.takes_away,
    }

    assert one.action is action
    assert {kind for kind, is_so in told.items() if is_so} == kinds


@pytest.mark.parametrize("level", [None, VIEW, EDIT])
def test_there_is_no_change_to_the_same(level: Permission | None) -> None:
    with pytest.raises(ValueError, match="to itself"):
        change(user(2), level, level)


def test_grants_come_before_removals_and_ties_go_by_principal() -> None:
    wanted = [
        change(group(7), None, VIEW),
        change(user(2), None, VIEW),
        change(user(9), VIEW, EDIT),
        change(user(1), EDIT, VIEW),
        change(group(1), VIEW, None),
        change(user(3), VIEW, None, expired=True),
    ]
    for order in itertools.permutations(wanted):
        assert sorted(order, key=lambda each: each.order) == wanted


def test_the_counts_of_a_plan() -> None:
    plan = plan_of(
        planned(*grants(2), *escalations(1), *lowerings(1), *removals(3), *expiries(1),
                unresolved=["x@x.edu", "y@x.edu"]),
        planned(*grants(1), id=None, name="New", unresolved=["x@x.edu"]),
        planned(id=6, name="Lost", status=Status.UNREADABLE),
    )  # fmt: skip

    assert summarize(plan) == Summary(
        collections=3,
        create_collection=1,
        create=3,
        update=2,
        destroy=4,
        held=0,
        unchanged=0,
        unresolved=2,
        unreadable=1,
    )
