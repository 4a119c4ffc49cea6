"""From passes to messages: what a plan, an outcome, the files and the token say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reconciler.core.model import Status
from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Change, CollectionPlan, Hold, Plan
from reconciler.daemon.notices import Message, Topic, Turn
from reconciler.daemon.teller import Circumstances, Teller
from reconciler.errors import Problem, Unauthorized, Unreachable
from reconciler.passes.rounds import Done
from tests.builders import NOW, VIEW, at, change, expiries, grants, plan_of, planned, user

FAILED = Outcome(Result.FAILED, "refused")
HOLD = Hold(id="7c1f0a9e", guard="allow_empty", collection="Biology 101", detail="…", changes=1)


class Ears:
    """Somebody who is told; `heard` gives what came since it was last asked."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.teller = Teller(self.messages.append)

    def heard(self) -> list[Message]:
        heard = self.messages.copy()
        self.messages.clear()
        return heard

    def turns(self) -> list[tuple[Topic, Turn]]:
        return [(each.topic, each.turn) for each in self.heard()]

    def passed(
        self,
        done: Done | None = None,
        *,
        digest: str = "one",
        expires_at: datetime | None = None,
        around: Circumstances | None = None,
    ) -> None:
        self.teller.passed(
            done or Done(Plan()),
            around or Circumstances(),
            digest=digest,
            expires_at=expires_at,
            at=NOW,
        )


@pytest.fixture
def ears() -> Ears:
    return Ears()


def done(entry: CollectionPlan, outcomes: Mapping[Change, Outcome]) -> Done:
    shares = {(entry.key, each.principal): outcome for each, outcome in outcomes.items()}
    return Done(plan_of(entry), Outcomes(shares=shares), rounds=1)


def test_a_pass_in_agreement_tells_nothing(ears: Ears) -> None:
    ears.passed()
    ears.passed()

    assert ears.heard() == []


def test_a_hold_is_told_with_what_lets_it_through_and_when_it_is_gone(ears: Ears) -> None:
    held = Done(replace(Plan(), holds=(HOLD,)))
    ears.passed(held)
    ears.passed(held)

    (message,) = ears.heard()
    assert (message.topic, message.turn) == (Topic.HELD, Turn.RAISED)
    assert message.lines == ("7c1f0a9e allow_empty over Biology 101: …",)

    ears.passed()
    ears.passed()
    assert ears.turns() == [(Topic.HELD, Turn.RECOVERED)]


def test_an_unreadable_collection_is_told_with_its_line(ears: Ears) -> None:
    entry = replace(planned(status=Status.UNREADABLE), reason="answered 503")
    ears.passed(Done(plan_of(entry)))

    (message,) = ears.heard()
    assert (message.topic, message.lines) == (
        Topic.UNREADABLE,
        ("Biology 101 (config.yaml:40): answered 503",),
    )


def test_a_person_is_told_once_however_many_collections_name_them(ears: Ears) -> None:
    entries = [planned(name=name, unresolved=["lin@school.edu"]) for name in ("A", "B", "C")]
    ears.passed(Done(plan_of(*entries)))

    (message,) = ears.heard()
    assert (message.topic, message.lines) == (Topic.UNRESOLVED, ("lin@school.edu: A and 2 more",))


def test_broken_files_are_one_matter_and_one_recovery(ears: Ears) -> None:
    problems = [Problem(at(3), "unknown key"), Problem(at(9), "no value")]
    ears.passed(around=Circumstances(problems=problems))
    ears.passed(around=Circumstances(problems=problems[:1]))

    (message,) = ears.heard()
    assert message.topic is Topic.CONFIG
    assert message.lines == ("config.yaml:3: unknown key", "config.yaml:9: no value")

    ears.passed()
    assert ears.turns() == [(Topic.CONFIG, Turn.RECOVERED)]


def test_an_open_breaker_is_told_and_so_is_its_closing(ears: Ears) -> None:
    ears.passed(around=Circumstances(may_write=False))
    ears.passed(around=Circumstances(may_write=False))
    ears.passed()

    assert ears.turns() == [(Topic.BREAKER, Turn.RAISED), (Topic.BREAKER, Turn.RECOVERED)]


@pytest.mark.parametrize(
    ("left", "turns"),
    [
        pytest.param(None, [], id="tells-no-end"),
        pytest.param(timedelta(minutes=24), [], id="about-to-be-renewed"),
        pytest.param(timedelta(minutes=14), [(Topic.TOKEN, Turn.RAISED)], id="not-renewed"),
        pytest.param(timedelta(minutes=-1), [(Topic.TOKEN, Turn.RAISED)], id="over"),
    ],
)
def test_a_token_near_its_end_is_told(
    ears: Ears, left: timedelta | None, turns: list[tuple[Topic, Turn]]
) -> None:
    ears.passed(expires_at=None if left is None else NOW + left)

    assert ears.turns() == turns


def test_a_dead_token_is_told_once_and_when_it_works_again(ears: Ears) -> None:
    ears.teller.failed(Unauthorized("refused (401)", remedy="log in"), Circumstances())
    ears.teller.failed(Unauthorized("refused (401)", remedy="log in"), Circumstances())
    ears.teller.failed(Unreachable("gone"), Circumstances())
    ears.passed()

    assert ears.turns() == [(Topic.TOKEN, Turn.RAISED), (Topic.TOKEN, Turn.RECOVERED)]


def test_a_pass_that_failed_says_nothing_about_holds(ears: Ears) -> None:
    ears.passed(Done(replace(Plan(), holds=(HOLD,))))
    ears.heard()

    ears.teller.failed(Unreachable("gone"), Circumstances())
    ears.passed(Done(replace(Plan(), holds=(HOLD,))))

    assert ears.heard() == []


def test_what_is_put_back_under_the_same_files_is_drift(ears: Ears) -> None:
    first, second = grants(2)
    entry = planned(first, second)
    ears.passed()
    ears.passed(done(entry, {first: APPLIED, second: APPLIED}))

    (message,) = ears.heard()
    assert message.title == "drift is healed: 2 shares are as written"
    assert message.lines == ("Biology 101: 2",)


def test_healing_is_told_each_time(ears: Ears) -> None:
    (grant,) = grants(1)
    ears.passed()
    for _ in range(2):
        ears.passed(done(planned(grant), {grant: APPLIED}))

    assert ears.turns() == [(Topic.DRIFT, Turn.RECOVERED)] * 2


def test_what_an_edit_brings_about_is_no_drift(ears: Ears) -> None:
    (grant,) = grants(1)
    ears.passed(done(planned(grant), {grant: APPLIED}))
    ears.passed(done(planned(grant), {grant: APPLIED}), digest="two")

    assert ears.heard() == []


def test_what_time_brings_about_is_no_drift(ears: Ears) -> None:
    (expiry,) = expiries(1)
    ears.passed()
    ears.passed(done(planned(expiry), {expiry: APPLIED}))

    assert ears.heard() == []


@pytest.mark.parametrize("outcome", [FAILED, None], ids=["failed", "held"])
def test_what_is_done_late_is_no_drift(ears: Ears, outcome: Outcome | None) -> None:
    late = change(user(7), None, VIEW)
    ears.passed(done(planned(late), {} if outcome is None else {late: outcome}))
    ears.passed(done(planned(late), {late: APPLIED}))

    assert ears.heard() == []


def test_what_was_not_done_is_not_healed(ears: Ears) -> None:
    (grant,) = grants(1)
    ears.passed()
    ears.passed(done(planned(grant), {grant: FAILED}))

    assert ears.heard() == []
