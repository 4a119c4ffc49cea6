"""The way back from a pass: what it did, and nothing that anybody else did since."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import Window
from reconciler.core.desired import DesiredState
from reconciler.core.diff import diff
from reconciler.core.directory import directory
from reconciler.core.matching import match
from reconciler.core.model import OWNER, Level, Mode, Permission, Principal, Status
from reconciler.core.observed import Memory, ObservedState, Shares, Sightings, Unreadable
from reconciler.core.plan import Action, Change, Plan, Why
from reconciler.core.resolve import resolve
from reconciler.core.undo import Deed, Past, entries_of, returning, way_back
from tests.builders import (
    BIOLOGY,
    EDIT,
    ME,
    NOW,
    OWNER_ID,
    VIEW,
    apply_to,
    change,
    declare,
    desire,
    entry,
    group,
    live,
    observe,
    observe_biology,
    share,
    user,
)

NOTHING = DesiredState(())
GRACE, LIN, FACULTY = user(102), user(103), group(7)
LEVELS: tuple[Permission | None, ...] = (None, VIEW, EDIT)


def done(each: Change) -> Deed:
    return Deed(each, sure=True)


def unanswered(each: Change) -> Deed:
    return Deed(each, sure=False)


def biology(*deeds: Deed, created: bool = False) -> Past:
    return Past(id=BIOLOGY, name="Biology 101", deeds=deeds, created=created)


def back(past: Past, observed: ObservedState, file: DesiredState = NOTHING) -> Plan:
    """The plan that takes one collection's past back."""
    pinned = entries_of([past])
    who = directory(declare(*pinned), Sightings())
    matches = match(pinned, observed, who, Memory())
    now = resolve(pinned, declare(*pinned), matches, who, memory=Memory(), now=NOW)
    return diff(observed, way_back(now, [past], observed, file), who)


def steps(plan: Plan) -> list[tuple[Principal, Permission | None, Permission | None]]:
    return [(each.principal, each.before, each.after) for _, each in plan.changes()]


def codes(plan: Plan) -> list[str]:
    return [each.code for each in plan.notices]


@pytest.mark.parametrize(
    ("before", "after"),
    [pair for pair in itertools.product(LEVELS, repeat=2) if pair[0] != pair[1]],
)
def test_what_stood_before_stands_again(
    before: Permission | None, after: Permission | None
) -> None:
    left: dict[Principal, Level] = {LIN: VIEW}
    if after is not None:
        left[GRACE] = after
    plan = back(biology(done(change(GRACE, before, after))), observe_biology(left))
    assert steps(plan) == [(GRACE, after, before)]
    assert plan.notices == ()


states = st.dictionaries(st.sampled_from((GRACE, LIN, FACULTY)), st.sampled_from(Permission))


@given(before=states, after=states)
def test_undoing_a_whole_pass_gives_what_stood_before_it(
    before: Mapping[Principal, Permission], after: Mapping[Principal, Permission]
) -> None:
    deeds = [
        done(change(who, before.get(who), after.get(who)))
        for who in (GRACE, LIN, FACULTY)
        if before.get(who) != after.get(who)
    ]
    plan = back(biology(*deeds), observe_biology(after))
    assert apply_to(after, [each for _, each in plan.changes()]) == before


@given(left=states, now=states)
def test_no_share_that_somebody_changed_since_is_part_of_it(
    left: Mapping[Principal, Permission], now: Mapping[Principal, Permission]
) -> None:
    deeds = [done(change(who, None, level)) for who, level in left.items()]
    plan = back(biology(*deeds), observe_biology(now))
    touched = {each.principal for _, each in plan.changes()}
    assert touched == {who for who in left if now.get(who) == left[who]}


def test_a_share_changed_since_is_told() -> None:
    plan = back(biology(done(change(GRACE, VIEW, None))), observe_biology({GRACE: EDIT}))
    assert steps(plan) == []
    [notice] = plan.notices
    assert notice.code == "undo-changed-since"
    assert "no share by that pass and has edit now" in notice.message


def test_what_is_as_it_was_before_needs_nothing_and_no_word() -> None:
    plan = back(biology(done(change(GRACE, VIEW, EDIT))), observe_biology({GRACE: VIEW}))
    assert (steps(plan), plan.notices) == ([], ())


UNKNOWN = [
    pytest.param([unanswered(change(GRACE, None, VIEW))], VIEW, None, id="seen-to-have-happened"),
    pytest.param([unanswered(change(GRACE, None, VIEW))], None, "as before", id="did-not-happen"),
    pytest.param([unanswered(change(GRACE, None, VIEW))], EDIT, "since", id="somebody-else's"),
    pytest.param(
        [unanswered(change(GRACE, None, VIEW)), done(change(GRACE, None, VIEW))],
        VIEW,
        None,
        id="sent-again",
    ),
    pytest.param(
        [done(change(GRACE, None, VIEW)), unanswered(change(GRACE, VIEW, EDIT))],
        VIEW,
        None,
        id="the-second-did-not-happen",
    ),
    pytest.param(
        [done(change(GRACE, None, VIEW)), done(change(GRACE, VIEW, EDIT))],
        VIEW,
        "since",
        id="lowered-by-somebody-after-two-rounds",
    ),
]


@pytest.mark.parametrize(("deeds", "seen", "then"), UNKNOWN)
def test_of_what_had_no_answer_the_tenant_tells(
    deeds: Sequence[Deed], seen: Permission | None, then: str | None
) -> None:
    plan = back(biology(*deeds), observe_biology({} if seen is None else {GRACE: seen}))
    expected = [] if then is not None else [(GRACE, seen, None)]
    assert steps(plan) == expected
    assert codes(plan) == (["undo-changed-since"] if then == "since" else [])


def test_a_collection_the_pass_created_stays_and_loses_its_shares() -> None:
    plan = back(
        biology(done(change(GRACE, None, VIEW)), created=True), observe_biology({GRACE: VIEW})
    )
    assert [each.action for _, each in plan.changes()] == [Action.DESTROY]
    assert codes(plan) == ["undo-keeps-collection"]
    assert plan.collections[0].action == "none"


NEVER = [
    pytest.param(user(OWNER_ID), VIEW, Why.OWNER, id="owner-by-id"),
    pytest.param(GRACE, OWNER, None, id="owner-by-word"),
    pytest.param(user(ME), VIEW, Why.SELF, id="self"),
]


@pytest.mark.parametrize(("who", "level", "why"), NEVER)
def test_the_owner_and_the_token_itself_are_left_alone(
    who: Principal, level: Level, why: Why | None
) -> None:
    plan = back(biology(done(change(who, None, VIEW))), observe_biology({who: level}))
    assert steps(plan) == []
    if why is not None:
        assert [each.why for each in plan.collections[0].left_alone] == [why]


UNSEEN = [
    pytest.param(observe(live(), shares={BIOLOGY: Unreadable("503")}), Status.UNREADABLE, id="503"),
    pytest.param(observe(), Status.UNREADABLE, id="gone"),
    pytest.param(observe(live(archived=True)), Status.IGNORED, id="archived"),
]


@pytest.mark.parametrize(("observed", "status"), UNSEEN)
def test_a_collection_that_cannot_be_seen_is_told_and_not_touched(
    observed: ObservedState, status: Status
) -> None:
    plan = back(biology(done(change(GRACE, None, VIEW))), observed)
    assert [each.status for each in plan.collections] == [status]
    assert not plan.has_changes


def test_a_destroy_whose_written_window_is_over_is_an_expiry() -> None:
    written = declare(entry(share(GRACE, window=Window(closes=NOW)), id=BIOLOGY))
    observed = observe(live(), shares={BIOLOGY: Shares({GRACE: VIEW})})
    file = desire(written, observed)
    plan = back(biology(done(change(GRACE, None, VIEW))), observed, file)
    assert [each.is_expiry for _, each in plan.changes()] == [True]


RETURNS = [
    pytest.param(Mode.AUTHORITATIVE, {GRACE: VIEW}, change(GRACE, None, VIEW), True, id="wanted"),
    pytest.param(Mode.AUTHORITATIVE, {}, change(GRACE, VIEW, None), True, id="unwanted"),
    pytest.param(Mode.AUTHORITATIVE, {}, change(GRACE, None, VIEW), False, id="agrees-by-now"),
    pytest.param(Mode.ADDITIVE, {GRACE: VIEW}, change(GRACE, None, VIEW), True, id="added-again"),
    pytest.param(Mode.ADDITIVE, {GRACE: EDIT}, change(GRACE, VIEW, EDIT), True, id="raised-again"),
    pytest.param(Mode.ADDITIVE, {}, change(GRACE, VIEW, None), False, id="additive-takes-nothing"),
    pytest.param(Mode.OBSERVE, {GRACE: VIEW}, change(GRACE, None, VIEW), False, id="observe"),
]


@pytest.mark.parametrize(("mode", "wanted", "deed", "returns"), RETURNS)
def test_what_the_file_will_bring_back_is_told(
    mode: Mode, wanted: Mapping[Principal, Permission], deed: Change, returns: bool
) -> None:
    lines = (share(who, level) for who, level in wanted.items())
    observed = observe_biology({} if deed.after is None else {GRACE: deed.after})
    file = desire(declare(entry(*lines, mode=mode, id=BIOLOGY)), observed)
    plan = back(biology(done(deed)), observed, file)
    assert len(steps(plan)) == 1
    told = returning(plan, file)
    assert [each.code for each in told] == (["undo-will-return"] if returns else [])


def test_a_long_list_of_people_is_cut_short() -> None:
    people = [user(id) for id in range(200, 208)]
    observed = observe_biology(dict.fromkeys(people, VIEW))
    file = desire(declare(entry(*map(share, people), id=BIOLOGY)), observed)
    plan = back(biology(*(done(change(each, None, VIEW)) for each in people)), observed, file)
    assert "and 3 more" in returning(plan, file)[0].message


def test_a_collection_the_file_does_not_name_returns_to_nothing() -> None:
    observed = observe_biology({GRACE: VIEW})
    plan = back(biology(done(change(GRACE, None, VIEW))), observed)
    assert returning(plan, NOTHING) == ()
