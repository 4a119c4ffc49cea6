"""What a pass leaves: the plan without what was applied."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.observed import Shares
from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Doing
from reconciler.daemon.board import left_of, troubles_of
from tests.builders import VIEW, grants, live, plan_of, planned, user

ENDS = st.sampled_from([None, *(Outcome(result) for result in Result)])


@given(st.lists(ENDS, max_size=6))
def test_what_is_left_and_what_was_applied_are_the_plan(ends: list[Outcome | None]) -> None:
    changes = grants(len(ends))
    entry = replace(planned(*changes), unchanged=40)
    outcomes = {
        (entry.key, change.principal): end
        for change, end in zip(changes, ends, strict=True)
        if end is not None
    }

    (left,) = left_of(plan_of(entry), Outcomes(shares=outcomes)).collections

    applied = {who for (_, who), end in outcomes.items() if end.result is Result.APPLIED}
    assert {change.principal for change in left.changes}.isdisjoint(applied)
    assert {change.principal for change in left.changes} | applied == {
        change.principal for change in changes
    }
    assert left.unchanged == 40 + len(applied)


CREATIONS = [
    pytest.param(APPLIED, Doing.NONE, id="created"),
    pytest.param(Outcome(Result.UNKNOWN), Doing.CREATE, id="lost"),
    pytest.param(None, Doing.CREATE, id="held"),
]


@pytest.mark.parametrize(("outcome", "expected"), CREATIONS)
def test_a_collection_is_to_be_created_until_it_is_there(
    outcome: Outcome | None, expected: Doing
) -> None:
    entry = planned(id=None)
    outcomes = {} if outcome is None else {entry.key: outcome}

    (left,) = left_of(plan_of(entry), Outcomes(collections=outcomes)).collections

    assert left.action is expected


def test_the_lists_that_were_observed_are_not_kept() -> None:
    entry = replace(planned(live=live()), observed=Shares({user(1): VIEW}))

    (left,) = left_of(plan_of(entry), Outcomes()).collections

    assert left.observed is None
    assert left.live is None


def test_whatever_did_not_go_well_is_told() -> None:
    entry = planned(id=None)
    lost, refused = Outcome(Result.UNKNOWN), Outcome(Result.FAILED, "400")
    shares = {(entry.key, user(1)): APPLIED, (entry.key, user(2)): refused}

    told = troubles_of(Outcomes(shares=shares, collections={entry.key: lost}))

    assert [(each.who, each.outcome) for each in told] == [(None, lost), ("user:2", refused)]
