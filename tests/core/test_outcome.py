"""A change is judged by the list the service answers."""

from __future__ import annotations

import itertools

import pytest

from reconciler.core.model import Foreign, Level, Permission
from reconciler.core.observed import Shares
from reconciler.core.outcome import APPLIED, Outcome, Result, judge
from tests.builders import EDIT, VIEW, change, user

ANA = user(2)
LEVELS: tuple[Permission | None, ...] = (None, VIEW, EDIT)


@pytest.mark.parametrize("gap", [None, "a row is broken"])
@pytest.mark.parametrize("seen", [*LEVELS, Foreign("manage")])
@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(LEVELS, 2)))
def test_a_change_is_applied_when_the_list_shows_it_and_only_then(
    before: Permission | None, after: Permission | None, seen: Level | None, gap: str | None
) -> None:
    answered = Shares({} if seen is None else {ANA: seen}, gap)
    result = judge(answered, change(ANA, before, after)).result

    if seen == after and (after is not None or gap is None):
        assert result is Result.APPLIED
    else:
        assert result is (Result.FAILED if gap is None else Result.UNKNOWN)


def test_a_failure_says_what_the_list_shows() -> None:
    told = judge(Shares({ANA: Foreign("manage")}), change(ANA, VIEW, EDIT)).error

    assert told is not None
    assert "manage" in told


OPEN = [
    pytest.param(APPLIED, False, id="applied"),
    pytest.param(Outcome(Result.FAILED, "x"), True, id="failed"),
    pytest.param(Outcome(Result.FAILED, "x", final=True), False, id="failed-for-good"),
    pytest.param(Outcome(Result.UNKNOWN, "x"), True, id="unknown"),
    pytest.param(Outcome(Result.NOT_TRIED, "x"), True, id="not-tried"),
    pytest.param(Outcome(Result.NOT_TRIED, "x", final=True), False, id="not-tried-for-good"),
]


@pytest.mark.parametrize(("outcome", "expected"), OPEN)
def test_whether_another_round_should_look_at_it(outcome: Outcome, expected: bool) -> None:
    assert outcome.is_open is expected
