"""A pass in rounds: a tenant in memory, answers that get lost, and people who meddle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from reconciler.core.declared import DeclaredCollection
from reconciler.core.limits import Acknowledgement, Limit, Limits, Visibility
from reconciler.core.model import Foreign, Level, Principal
from reconciler.core.observed import Memory
from reconciler.core.outcome import Result
from reconciler.core.plan import Plan
from reconciler.passes.ports import Task
from reconciler.passes.rounds import BLINK, Done, carry_out, preview
from tests.builders import (
    BIOLOGY,
    EDIT,
    NOW,
    OFF,
    VIEW,
    address,
    by_id,
    declare,
    entry,
    share,
    user,
)
from tests.tenant import Diary, Fate, Fates, Hand, Tenant, Watch

ANA, BEN, CAT = user(2), user(3), user(4)
OTHER = 5
TIMEOUT = timedelta(seconds=30)


@dataclass
class Pass:
    """One pass and what it left behind."""

    done: Done
    hand: Hand
    plans: list[Plan]
    watch: Watch

    @property
    def results(self) -> dict[str, Result]:
        shares = {str(who): each.result for (_, who), each in self.done.outcomes.shares.items()}
        born = {key.name: each.result for key, each in self.done.outcomes.collections.items()}
        return {**shares, **born}


def task_of(
    *entries: DeclaredCollection,
    limits: Limits = OFF,
    acknowledged: Sequence[str] = (),
    memory: Memory | None = None,
) -> Task:
    return Task(
        declarations=declare(*entries),
        entries=entries,
        limits=limits,
        acknowledgements=[Acknowledgement(each) for each in acknowledged],
        memory=memory or Memory(),
        timeout=TIMEOUT,
    )


def run(
    tenant: Tenant,
    task: Task,
    fates: Fates | None = None,
    meddling: Mapping[int, Callable[[Tenant], None]] | None = None,
    *,
    stopped: bool = False,
) -> Pass:
    hand = Hand(tenant, fates or {}, meddling or {})
    diary, watch = Diary(hand), Watch(stopped=stopped)
    done = carry_out(tenant, task, preview(tenant, task, NOW), hand, diary, watch)
    return Pass(done, hand, diary.plans, watch)


def biology(levels: Mapping[Principal, Level]) -> Tenant:
    tenant = Tenant()
    tenant.add(BIOLOGY, "Biology 101", levels)
    return tenant


def two(first: Mapping[Principal, Level], second: Mapping[Principal, Level]) -> Tenant:
    tenant = biology(first)
    tenant.add(OTHER, "Other", second)
    return tenant


WANT = task_of(entry(share(ANA, EDIT), share(BEN)))
REACHED: dict[Principal, Level] = {ANA: EDIT, BEN: VIEW}


# --- one round --------------------------------------------------------------------


def test_a_clean_pass_has_one_round_and_reads_nothing_twice() -> None:
    tenant = biology({CAT: VIEW})
    one = run(tenant, WANT)

    assert one.done.rounds == 1
    assert set(tenant.reads.values()) == {1}
    assert tenant.levels[BIOLOGY] == REACHED
    assert set(one.results.values()) == {Result.APPLIED}


def test_a_pass_in_agreement_sends_nothing() -> None:
    one = run(biology(REACHED), WANT)

    assert (one.done.rounds, one.hand.sent) == (1, [])


def test_a_preview_changes_nothing() -> None:
    tenant = biology({CAT: VIEW})
    seen = preview(tenant, WANT, NOW)

    assert seen.plan.has_changes
    assert tenant.levels[BIOLOGY] == {CAT: VIEW}


def test_a_creation_and_its_shares_are_one_round() -> None:
    tenant = Tenant()
    one = run(tenant, WANT)

    (id,) = tenant.named("Biology 101")
    assert one.done.rounds == 1
    assert tenant.levels[id] == REACHED
    assert one.done.plan.collections[0].id == id


def test_nothing_outside_the_file_is_read_or_moved() -> None:
    tenant = two({}, {CAT: EDIT})
    run(tenant, WANT)

    assert tenant.levels[OTHER] == {CAT: EDIT}
    assert f"shares {OTHER}" not in tenant.reads


# --- lost answers, refusals -------------------------------------------------------


@pytest.mark.parametrize("fate", [Fate.LOST_DONE, Fate.LOST_UNDONE, Fate.TIMED_OUT])
@pytest.mark.parametrize("who", [ANA, BEN, CAT])
def test_a_lost_answer_is_settled_by_the_next_round(who: Principal, fate: Fate) -> None:
    tenant = biology({ANA: VIEW, CAT: VIEW})
    one = run(tenant, WANT, {(1, str(who)): fate})

    assert one.done.rounds == 2
    assert tenant.levels[BIOLOGY] == REACHED
    assert set(one.results.values()) == {Result.APPLIED}
    assert one.hand.sent.count((2, str(who))) == (fate is not Fate.LOST_DONE)
    assert tenant.reads["listing"] == 1


def test_a_later_round_reads_only_what_is_unsettled() -> None:
    tenant = two({}, {})
    task = task_of(entry(share(ANA)), entry(share(BEN), name="Other", line=60))
    run(tenant, task, {(1, str(ANA)): Fate.LOST_UNDONE})

    assert tenant.reads[f"shares {BIOLOGY}"] == 2
    assert tenant.reads[f"shares {OTHER}"] == 1


def test_there_are_three_rounds_at_most() -> None:
    fates = {(number, str(ANA)): Fate.LOST_UNDONE for number in range(1, 9)}
    one = run(biology({}), WANT, fates)

    assert one.done.rounds == 3
    assert one.results == {str(ANA): Result.UNKNOWN, str(BEN): Result.APPLIED}
    assert len(one.plans) == 3


def test_a_final_failure_is_not_tried_again() -> None:
    tenant = biology({})
    one = run(tenant, WANT, {(1, str(ANA)): Fate.REFUSED, (1, str(BEN)): Fate.LOST_UNDONE})

    assert [sent for sent in one.hand.sent if sent[1] == str(ANA)] == [(1, str(ANA))]
    assert one.results == {str(ANA): Result.FAILED, str(BEN): Result.APPLIED}
    assert one.done.rounds == 2


def test_a_final_failure_alone_needs_no_second_round() -> None:
    one = run(biology({}), WANT, {(1, str(ANA)): Fate.REFUSED})

    assert one.done.rounds == 1


def test_what_was_overtaken_is_planned_anew_from_what_is_there() -> None:
    def raises_ana(tenant: Tenant) -> None:
        tenant.levels[BIOLOGY][ANA] = VIEW

    tenant = biology({})
    one = run(tenant, WANT, {(1, str(ANA)): Fate.OVERTAKEN}, {1: raises_ana})

    assert tenant.levels[BIOLOGY] == REACHED
    assert one.results[str(ANA)] is Result.APPLIED


def test_a_lost_removal_is_not_taken_for_done_because_half_a_list_does_not_show_it() -> None:
    def breaks(tenant: Tenant) -> None:
        tenant.unseen[BIOLOGY] = CAT

    one = run(biology({CAT: VIEW}), task_of(entry(share(ANA))), {(1, str(CAT)): Fate.LOST_UNDONE},
              {1: breaks})  # fmt: skip

    assert one.results[str(CAT)] is Result.UNKNOWN


def test_a_lost_answer_where_somebody_gave_a_foreign_level_is_not_called_applied() -> None:
    def makes_owner(tenant: Tenant) -> None:
        tenant.levels[BIOLOGY][ANA] = Foreign("manage")

    one = run(biology({}), WANT, {(1, str(ANA)): Fate.LOST_UNDONE}, {1: makes_owner})

    assert one.results[str(ANA)] is Result.UNKNOWN


def test_a_list_that_cannot_be_read_for_a_moment_is_read_once_more() -> None:
    def goes_away(tenant: Tenant) -> None:
        tenant.unreadable.add(BIOLOGY)

    def comes_back(tenant: Tenant) -> None:
        tenant.unreadable.clear()

    tenant = biology({})
    one = run(tenant, WANT, {(1, str(ANA)): Fate.LOST_UNDONE}, {1: goes_away, 2: comes_back})

    assert tenant.levels[BIOLOGY] == REACHED
    assert one.results[str(ANA)] is Result.APPLIED


# --- creations --------------------------------------------------------------------


def test_a_creation_whose_answer_was_lost_is_not_repeated_once_a_listing_shows_it() -> None:
    tenant = Tenant()
    one = run(tenant, WANT, {(1, "Biology 101"): Fate.LOST_DONE})

    (id,) = tenant.named("Biology 101")
    assert tenant.levels[id] == REACHED
    assert one.results["Biology 101"] is Result.APPLIED
    assert one.done.plan.collections[0].id == id
    assert tenant.reads["listing"] == 2


@pytest.mark.parametrize("fate", [Fate.LOST_UNDONE, Fate.TIMED_OUT])
def test_a_creation_whose_answer_was_lost_is_repeated_when_a_listing_does_not_show_it(
    fate: Fate,
) -> None:
    tenant = Tenant()
    one = run(tenant, WANT, {(1, "Biology 101"): fate})

    (id,) = tenant.named("Biology 101")
    assert tenant.levels[id] == REACHED
    assert set(one.results.values()) == {Result.APPLIED}


def test_a_creation_that_may_still_land_is_waited_for_a_whole_timeout() -> None:
    late = run(Tenant(), WANT, {(1, "Biology 101"): Fate.TIMED_OUT})
    lost = run(Tenant(), WANT, {(1, "Biology 101"): Fate.LOST_UNDONE})

    assert late.watch.waits == [NOW + TIMEOUT + BLINK]
    assert lost.watch.waits == []


def test_a_creation_that_may_still_land_is_not_repeated_when_a_stop_ends_the_wait() -> None:
    one = run(Tenant(), WANT, {(1, "Biology 101"): Fate.TIMED_OUT}, stopped=True)

    assert one.hand.sent == [(1, "Biology 101")]
    assert one.results["Biology 101"] is Result.UNKNOWN


def test_a_creation_that_was_refused_is_not_repeated() -> None:
    tenant = Tenant()
    fates = {(1, "Biology 101"): Fate.REFUSED, (1, str(CAT)): Fate.LOST_UNDONE}
    task = task_of(entry(share(ANA)), entry(share(CAT), name="Other", line=60))
    one = run(tenant, task, fates)

    assert [each for each in one.hand.sent if each[1] == "Biology 101"] == [(1, "Biology 101")]
    assert one.results["Biology 101"] is Result.FAILED
    assert tenant.named("Biology 101") == []


def test_what_was_created_out_of_the_listing_is_known_in_every_later_round() -> None:
    """Two collections for an owner whose library cannot be listed; one answer is lost twice."""
    tenant = Tenant(closed_libraries={101})
    owner = by_id(user(101))
    entries = (
        entry(share(ANA), name="First", owner=owner, line=40),
        entry(share(BEN), name="Second", line=60),
    )
    (hold,) = preview(tenant, task_of(*entries), NOW).plan.holds
    task = task_of(*entries, acknowledged=[hold.id])
    fates = {
        (1, str(ANA)): Fate.LOST_UNDONE,
        (2, str(ANA)): Fate.LOST_UNDONE,
        (1, "Second"): Fate.LOST_UNDONE,
        (2, "Second"): Fate.LOST_UNDONE,
    }
    one = run(tenant, task, fates)

    assert hold.guard == "blind_create"
    assert len(tenant.named("First")) == 1
    assert len(tenant.named("Second")) == 1
    assert set(one.results.values()) == {Result.APPLIED}


@pytest.mark.parametrize("fate", [Fate.LOST_DONE, Fate.TIMED_OUT])
def test_a_creation_out_of_sight_whose_answer_was_lost_is_not_repeated(fate: Fate) -> None:
    """A person let it be made blindly once; that is no word for making it twice."""
    tenant = Tenant(closed_libraries={101})
    only = entry(share(ANA), owner=by_id(user(101)))
    (hold,) = preview(tenant, task_of(only), NOW).plan.holds
    one = run(tenant, task_of(only, acknowledged=[hold.id]), {(1, "Biology 101"): fate})

    assert [sent for sent in one.hand.sent if sent[1] == "Biology 101"] == [(1, "Biology 101")]
    assert one.results["Biology 101"] is Result.UNKNOWN
    assert "completeness" in {each.guard for each in one.done.plan.holds}


# --- guards over the rounds -------------------------------------------------------

GONE = tuple(user(id) for id in range(20, 30))


def test_what_was_held_in_the_first_round_stays_held() -> None:
    tenant = biology(dict.fromkeys(GONE[:3], VIEW))
    limits = replace(OFF, removals_per_pass=Limit(2))

    def drops_one(tenant: Tenant) -> None:
        del tenant.levels[BIOLOGY][GONE[0]]

    task = task_of(entry(share(ANA)), limits=limits)
    one = run(tenant, task, {(1, str(ANA)): Fate.LOST_UNDONE}, {1: drops_one})

    assert one.done.rounds == 2
    assert one.hand.removed == 0
    assert set(tenant.levels[BIOLOGY]) == {ANA, *GONE[1:3]}
    assert [hold.guard for hold in one.done.plan.holds] == ["removals.per_pass"]


def test_all_rounds_of_a_pass_share_one_budget() -> None:
    tenant = biology(dict.fromkeys(GONE[:2], VIEW))
    limits = replace(OFF, removals_per_pass=Limit(3))

    def shares_with_two_more(tenant: Tenant) -> None:
        tenant.levels[BIOLOGY].update(dict.fromkeys(GONE[2:4], VIEW))

    task = task_of(entry(share(ANA)), limits=limits)
    one = run(tenant, task, {(1, str(ANA)): Fate.LOST_UNDONE}, {1: shares_with_two_more})

    assert one.hand.removed == 2
    assert set(tenant.levels[BIOLOGY]) == {ANA, *GONE[2:4]}
    assert [hold.guard for hold in one.done.plan.holds] == ["removals.per_pass"]


def test_a_share_removed_twice_counts_twice() -> None:
    def shares_again(tenant: Tenant) -> None:
        tenant.levels[BIOLOGY][CAT] = VIEW

    limits = replace(OFF, removals_per_pass=Limit(2))
    task = task_of(entry(share(ANA)), limits=limits)
    fates = {(number, str(ANA)): Fate.LOST_UNDONE for number in (1, 2)}
    one = run(biology({CAT: VIEW}), task, fates, {1: shares_again, 2: shares_again})

    assert one.done.rounds == 3
    assert one.hand.removed == 2


def test_a_removal_that_may_have_happened_counts() -> None:
    tenant = two({GONE[0]: VIEW}, {})
    task = task_of(
        entry(share(BEN)),
        entry(share(ANA), name="Other", line=60),
        limits=replace(OFF, removals_per_pass=Limit(1)),
    )

    def meddles(tenant: Tenant) -> None:
        tenant.unreadable.add(BIOLOGY)
        tenant.levels[OTHER][CAT] = VIEW

    fates = {(1, str(GONE[0])): Fate.LOST_DONE, (1, str(ANA)): Fate.LOST_UNDONE}
    one = run(tenant, task, fates, {1: meddles})

    assert one.hand.removed == 1
    assert CAT in tenant.levels[OTHER]


def test_percentages_are_of_the_shares_that_the_first_round_saw() -> None:
    tenant = biology(dict.fromkeys(GONE, VIEW))
    kept = [share(who, line=100 + who.id) for who in GONE[:8]]
    limits = replace(OFF, removals_per_collection=Limit(0, Decimal(20)))

    def everybody_leaves(tenant: Tenant) -> None:
        for who in GONE[:8]:
            del tenant.levels[BIOLOGY][who]

    task = task_of(entry(*kept), limits=limits)
    one = run(tenant, task, {(1, str(GONE[9])): Fate.LOST_UNDONE}, {1: everybody_leaves})

    assert one.hand.removed == 2
    assert set(tenant.levels[BIOLOGY]) == set(GONE[:8])


def test_what_a_person_let_through_is_finished_after_a_lost_answer() -> None:
    limits = replace(OFF, removals_per_pass=Limit(0))
    entries = (entry(share(ANA)),)
    tenant = biology(dict.fromkeys(GONE, VIEW))
    (hold,) = preview(tenant, task_of(*entries, limits=limits), NOW).plan.holds
    task = task_of(*entries, limits=limits, acknowledged=[hold.id])
    one = run(tenant, task, {(1, str(GONE[4])): Fate.LOST_UNDONE})

    assert tenant.levels[BIOLOGY] == {ANA: VIEW}
    assert one.done.plan.holds == ()
    assert one.done.plan.notices == ()


def test_an_acknowledged_set_with_a_doubtful_name_is_finished_too() -> None:
    entries = (entry(share(ANA), share(address("new@x.edu"))),)
    tenant = biology({BEN: VIEW, CAT: VIEW})
    (hold,) = preview(tenant, task_of(*entries), NOW).plan.holds
    tenant.reads.clear()
    task = task_of(*entries, acknowledged=[hold.id])
    one = run(tenant, task, {(1, str(CAT)): Fate.LOST_UNDONE})

    assert hold.guard == "unresolved"
    assert tenant.levels[BIOLOGY] == {ANA: VIEW}
    assert one.done.rounds == 2
    assert tenant.reads["people new@x.edu"] == 1


def test_too_much_out_of_sight_holds_in_every_round() -> None:
    tenant = two({}, {BEN: VIEW})
    tenant.unreadable.add(OTHER)
    limits = replace(OFF, visibility=Visibility(1, Decimal(5)))
    task = task_of(entry(share(ANA)), entry(share(BEN), name="Other", line=60), limits=limits)

    def shares_with_cat(tenant: Tenant) -> None:
        tenant.levels[BIOLOGY][CAT] = VIEW

    one = run(tenant, task, {(1, str(ANA)): Fate.LOST_UNDONE}, {1: shares_with_cat})

    assert one.done.rounds == 2
    assert one.hand.removed == 0
    assert [hold.guard for hold in one.done.plan.holds] == ["visibility"]


def test_a_share_of_the_whole_is_not_of_the_rest() -> None:
    """One of two is unreadable in the second round, which is one of ten in the pass."""
    tenant = biology({})
    names = [f"Course {number}" for number in range(9)]
    for number, name in enumerate(names):
        tenant.add(10 + number, name, {})
    entries = (
        entry(share(ANA)),
        *(entry(share(user(50 + at)), name=name, line=60 + at) for at, name in enumerate(names)),
    )
    limits = replace(OFF, visibility=Visibility(1, Decimal(20)))

    def meddles(tenant: Tenant) -> None:
        tenant.unreadable.add(10)
        tenant.levels[BIOLOGY][CAT] = VIEW

    fates: Fates = {
        (1, str(ANA)): Fate.LOST_UNDONE,
        (1, str(user(50))): Fate.LOST_UNDONE,
    }
    one = run(tenant, task_of(*entries, limits=limits), fates, {1: meddles})

    assert one.hand.removed == 1
    assert one.done.plan.holds == ()


# --- what is told -----------------------------------------------------------------


def test_what_a_later_round_plans_joins_the_plan_of_the_pass() -> None:
    def shares_with_cat(tenant: Tenant) -> None:
        tenant.levels[BIOLOGY][CAT] = VIEW

    one = run(biology({}), WANT, {(1, str(ANA)): Fate.LOST_UNDONE}, {1: shares_with_cat})
    (told,) = one.done.plan.collections

    assert [each.principal for each in told.changes] == [ANA, BEN, CAT]
    assert one.results[str(CAT)] is Result.APPLIED


def test_every_approved_change_has_an_outcome_and_no_held_one_has() -> None:
    tenant = biology(dict.fromkeys(GONE, VIEW))
    limits = replace(OFF, removals_per_pass=Limit(2))
    one = run(tenant, task_of(entry(share(ANA)), limits=limits))
    told = {change.principal for _, change in one.done.plan.changes() if change.hold is None}

    assert {who for _, who in one.done.outcomes.shares} == told == {ANA}


def test_a_released_collection_is_told_and_left_as_it_is() -> None:
    tenant = two({}, {CAT: EDIT})
    memory = Memory(collections={"Other": OTHER})
    one = run(tenant, task_of(entry(share(ANA)), memory=memory))

    assert [each.code for each in one.done.plan.notices] == ["collection-released"]
    assert tenant.levels[OTHER] == {CAT: EDIT}


def test_a_remembered_collection_out_of_the_listing_is_not_created_again() -> None:
    tenant = biology({ANA: EDIT, BEN: VIEW})
    tenant.hidden.add(BIOLOGY)
    memory = Memory(collections={"Biology 101": BIOLOGY})
    one = run(tenant, task_of(*WANT.entries, memory=memory))

    assert one.hand.sent == []
    assert tenant.named("Biology 101") == [BIOLOGY]


@pytest.mark.parametrize("asked", ["by-name", "by-id"])
def test_a_part_asked_for_leaves_alone_what_the_rest_of_the_file_claims_too(asked: str) -> None:
    tenant = biology({CAT: VIEW})
    by_name = entry(share(ANA), line=40)
    pinned = entry(share(BEN), name="Elsewhere", id=BIOLOGY, line=60)
    whole = task_of(by_name, pinned)
    part = replace(whole, entries=(by_name if asked == "by-name" else pinned,))

    assert run(tenant, part).hand.sent == []
    assert tenant.levels[BIOLOGY] == {CAT: VIEW}
