"""
The laws of the core, over random files, tenants, modes and moments.

First what must never move, then what must come about, then what rounds may not exceed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import Declarations, Window
from reconciler.core.desired import DesiredCollection
from reconciler.core.document import Header, dump, plan_document
from reconciler.core.guards import FINAL_GUARDS
from reconciler.core.limits import Limit, Limits
from reconciler.core.model import Foreign, Level, Mode, Permission, Principal, PrincipalType, Status
from reconciler.core.observed import Shares
from reconciler.core.plan import Change, CollectionPlan, Doing
from reconciler.passes.ports import Task
from reconciler.passes.rounds import carry_out, preview
from tests.builders import (
    ME,
    NOW,
    OWNER_ID,
    apply_to,
    declare,
    desire,
    entry,
    live,
    observe,
    observe_biology,
    plan_for,
    share,
    user,
)
from tests.tenant import Diary, Fate, Hand, Tenant, Watch
from tests.worlds import PRINCIPALS, World, limits_of_one_kind, permissions, windows, worlds

HEADER = Header(
    id="01JD",
    created_at=NOW,
    studio="https://school.test",
    config_path="config.yaml",
    config_digest="sha256:00",
)


def pairs(world: World) -> Iterator[tuple[CollectionPlan, DesiredCollection]]:
    """Each entry's plan with what the file desires of it."""
    wanted = {
        (each.declared.name, each.declared.source): each for each in world.desired().collections
    }
    for plan in world.plan().collections:
        yield plan, wanted[plan.name, plan.source]


def untouchable(plan: CollectionPlan, want: DesiredCollection, me: int | None) -> set[Principal]:
    """Who may never be part of a change here: told without asking the code under test."""
    levels = plan.observed.levels if plan.observed is not None else {}
    foreign = {who for who, level in levels.items() if isinstance(level, Foreign)}
    ids = {plan.owner_id, me} - {None}
    ours = {who for who in PRINCIPALS if who.type is PrincipalType.USER and who.id in ids}
    return foreign | ours | set(want.contested)


# --- what never moves -------------------------------------------------------------


@given(worlds())
def test_owner_self_foreign_and_contested_are_never_in_a_change(world: World) -> None:
    for plan, want in pairs(world):
        never = untouchable(plan, want, world.observed.me)

        assert never.isdisjoint(change.principal for change in plan.changes)


@given(worlds())
def test_nothing_that_the_file_does_not_name_is_in_the_plan(world: World) -> None:
    for plan, want in pairs(world):
        one = want.declared
        if plan.id is not None and plan.live is not None:
            named = plan.live.name == one.name and plan.live.kind == "ordinary"
            assert one.id == plan.id or named or plan.id in world.memory.collections.values()
            assert not plan.live.archived or not plan.changes
        for change in plan.changes:
            assert change.after is None or change.principal in want.shares
            assert change.before is None or (
                plan.observed is not None
                and plan.observed.levels[change.principal] == change.before
            )


@given(worlds())
def test_no_two_entries_have_changes_for_one_collection(world: World) -> None:
    ids = [plan.id for plan in world.plan().collections if plan.changes and plan.id is not None]

    assert len(ids) == len(set(ids))


@given(worlds())
def test_only_what_was_read_is_changed(world: World) -> None:
    for plan in world.plan().collections:
        if plan.status is not Status.OK:
            assert plan.changes == ()
            assert plan.action is Doing.NONE
        elif plan.action is Doing.NONE:
            assert isinstance(world.observed.shares.get(plan.id or 0), Shares)


# --- what comes about -------------------------------------------------------------


def reached(
    have: Mapping[Principal, Level], want: Mapping[Principal, Permission], mode: Mode
) -> dict[Principal, Level]:
    """What a mode makes of two states, for principals who may be touched."""
    if mode is Mode.OBSERVE:
        return dict(have)
    if mode is Mode.AUTHORITATIVE:
        return dict(want)
    result = dict(have)
    for who, permission in want.items():
        seen = have.get(who)
        if not isinstance(seen, Permission) or seen.rank < permission.rank:
            result[who] = permission
    return result


@given(worlds())
def test_carrying_out_the_plan_reaches_what_the_mode_allows(world: World) -> None:
    for plan, want in pairs(world):
        if plan.status is not Status.OK:
            continue
        levels = plan.observed.levels if plan.observed is not None else {}
        never = untouchable(plan, want, world.observed.me)
        have = {who: level for who, level in levels.items() if who not in never}
        wanted = {who: each.permission for who, each in want.shares.items() if who not in never}
        after = apply_to(levels, plan.changes)

        assert {who: each for who, each in after.items() if who not in never} == reached(
            have, wanted, plan.mode
        )
        assert {who: each for who, each in after.items() if who in never} == {
            who: level for who, level in levels.items() if who in never
        }


@given(worlds())
def test_a_plan_carried_out_plans_to_nothing(world: World) -> None:
    plan = world.plan()
    after = {
        each.id: replace(each.observed, levels=apply_to(each.observed.levels, each.changes))
        for each in plan.collections
        if each.id is not None and each.observed is not None
    }
    settled = replace(world.observed, shares={**world.observed.shares, **after})
    again = replace(world, observed=settled).plan()

    assert [each.changes for each in again.collections if each.action is Doing.NONE] == [
        () for each in plan.collections if each.action is Doing.NONE
    ]


@given(worlds())
def test_grants_come_before_removals(world: World) -> None:
    for plan in world.plan().collections:
        taking = [change.takes_away for change in plan.changes]

        assert taking == sorted(taking)


# --- what is desired --------------------------------------------------------------


Wanted = tuple[Principal, Permission, Window]
wanted_lists = st.lists(
    st.tuples(st.sampled_from(PRINCIPALS), permissions, windows), unique_by=lambda each: each[0]
)


def in_force(lines: Sequence[Wanted]) -> dict[Principal, Permission]:
    return {who: permission for who, permission, window in lines if window.contains(NOW)}


def declared_from(
    own: Sequence[Wanted], first: Sequence[Wanted] = (), second: Sequence[Wanted] = ()
) -> Declarations:
    """One collection with a list of its own and two sets."""
    direct, one, other = (
        [share(who, permission, window=window) for who, permission, window in each]
        for each in (own, first, second)
    )
    return declare(entry(*direct, share_sets=["a", "b"]), share_sets={"a": one, "b": other})


@given(wanted_lists, wanted_lists, wanted_lists)
def test_a_direct_share_overrides_sets_and_between_sets_the_stronger_wins(
    own: list[Wanted], first: list[Wanted], second: list[Wanted]
) -> None:
    state = desire(declared_from(own, first, second), observe(live()))
    sets = in_force(first)
    for who, permission in in_force(second).items():
        sets[who] = max(permission, sets.get(who, permission), key=lambda each: each.rank)

    assert {who: each.permission for who, each in state.collections[0].shares.items()} == {
        **sets,
        **in_force(own),
    }


@given(wanted_lists, wanted_lists, st.dictionaries(st.sampled_from(PRINCIPALS), permissions))
def test_a_share_outside_its_window_is_not_desired_and_goes_as_an_expiry(
    own: list[Wanted], taken: list[Wanted], have: dict[Principal, Permission]
) -> None:
    (plan,) = plan_for(declared_from(own, taken), observe_biology(have)).collections
    desired = in_force(own).keys() | in_force(taken).keys()
    over = {who for who, _, window in (*own, *taken) if window.is_closed(NOW)} - desired

    for change in plan.changes:
        assert (change.after is not None) == (change.principal in desired)
        if change.after is None:
            assert change.is_expiry == (change.principal in over)
            assert change.is_removal == (change.principal not in over)


# --- guards -----------------------------------------------------------------------

seeds = st.integers(0, 2**32)


def some_of(world: World, seed: int) -> frozenset[str]:
    """Some of the holds there are, and those that show once they are acknowledged."""
    dice = random.Random(seed)  # noqa: S311 - a choice, not a secret
    chosen: set[str] = set()
    for _ in range(dice.randrange(4)):
        holds = [hold.id for hold in world.judged(frozenset(chosen)).plan.holds]
        chosen |= {hold for hold in holds if dice.random() < 0.7}
    return frozenset(chosen)


@given(worlds(), seeds)
def test_what_is_held_is_never_approved_and_all_else_is(world: World, seed: int) -> None:
    judged = world.judged(some_of(world, seed))
    approved = {
        (each.key, change) for each in judged.approved.collections for change in each.changes
    }
    kept_back = {each.key for each in judged.plan.collections if each.hold is not None}

    assert approved == {
        (each.key, change)
        for each, change in judged.plan.changes()
        if change.hold is None and each.key not in kept_back
    }
    assert {each.key for each in judged.approved.collections if each.action is Doing.CREATE} == {
        each.key
        for each in judged.plan.collections
        if each.action is Doing.CREATE and each.hold is None
    }


@given(worlds(), seeds)
def test_guards_change_nothing_of_a_plan_but_its_holds(world: World, seed: int) -> None:
    judged = world.judged(some_of(world, seed)).plan
    bare = tuple(
        replace(
            each, hold=None, changes=tuple(replace(change, hold=None) for change in each.changes)
        )
        for each in judged.collections
    )

    assert bare == world.plan().collections


@given(worlds(), seeds)
def test_every_hold_named_is_in_the_plan_with_its_count(world: World, seed: int) -> None:
    judged = world.judged(some_of(world, seed)).plan
    counts = Counter(change.hold for _, change in judged.changes() if change.hold is not None)
    born = {each.hold for each in judged.collections if each.hold is not None}

    assert {hold.id for hold in judged.holds} == counts.keys() | born
    for hold in judged.holds:
        assert hold.changes == (counts[hold.id] or 1)


@given(worlds(), seeds)
def test_nothing_is_taken_away_on_what_was_not_read_in_full(world: World, seed: int) -> None:
    judged = world.judged(some_of(world, seed))
    acknowledged = {(hold.guard, hold.collection) for hold in judged.plan.acknowledged}

    for each in judged.approved.collections:
        if not any(change.takes_away for change in each.changes):
            continue
        assert each.observed is not None
        assert each.observed.gap is None
        assert each.sure
        assert not each.unresolved or ("unresolved", each.name) in acknowledged
        assert not each.empty or ("allow_empty", each.name) in acknowledged


@given(worlds(), seeds)
def test_nobody_protected_loses_anything_whatever_is_acknowledged(world: World, seed: int) -> None:
    judged = world.judged(some_of(world, seed))

    for each in judged.approved.collections:
        for change in each.changes:
            assert not (change.takes_away and change.principal in world.protected.principals)
    assert all(hold.guard not in FINAL_GUARDS for hold in judged.plan.acknowledged)


@given(worlds(), seeds)
def test_nothing_is_created_unless_the_listing_is_complete(world: World, seed: int) -> None:
    judged = world.judged(some_of(world, seed))
    if any(each.action is Doing.CREATE for each in judged.approved.collections):
        assert world.observed.listing.complete


@given(worlds())
def test_a_limit_is_never_exceeded_by_what_nobody_let_through(world: World) -> None:
    judged = world.judged()
    base = judged.plan.changeable
    changes = [change for each in judged.approved.collections for change in each.changes]
    kinds = (
        (world.limits.removals_per_pass, sum(each.is_removal for each in changes), 0),
        (world.limits.removals_per_day, sum(each.is_removal for each in changes),
         world.memory.removed_today),
        (world.limits.expiries_per_pass, sum(each.is_expiry for each in changes), 0),
        (world.limits.escalations_per_pass, sum(each.is_escalation for each in changes), 0),
        (world.limits.grants_per_pass, sum(each.is_grant for each in changes), 0),
    )  # fmt: skip

    for limit, count, before in kinds:
        assert limit is None or not count or count + before <= limit.allowed(base)


@given(worlds())
def test_acknowledging_every_hold_leaves_only_what_nobody_may_acknowledge(world: World) -> None:
    chosen: frozenset[str] = frozenset()
    for _ in range(20):
        more = chosen | {hold.id for hold in world.judged(chosen).plan.holds}
        if more == chosen:
            break
        chosen = more

    assert {hold.guard for hold in world.judged(chosen).plan.holds} <= FINAL_GUARDS


# --- equal inputs, equal bytes ----------------------------------------------------


@given(worlds(), seeds)
def test_equal_inputs_in_any_order_give_equal_bytes(world: World, seed: int) -> None:
    acknowledged = some_of(world, seed)
    one, other = (
        dump(plan_document(each.judged(acknowledged).plan, HEADER))
        for each in (world, world.shuffled(seed))
    )

    assert one == other


@given(worlds())
def test_the_fingerprint_covers_all_but_id_and_time(world: World) -> None:
    plan = world.judged().plan
    first = plan_document(plan, HEADER)
    later = replace(HEADER, id="01JE", created_at=NOW + timedelta(hours=1))
    touched = replace(plan, collections=tuple(replace(e, reason="x") for e in plan.collections))

    assert plan_document(plan, later)["fingerprint"] == first["fingerprint"]
    for other in (replace(HEADER, studio="x"), replace(HEADER, config_digest="x")):
        assert plan_document(plan, other)["fingerprint"] != first["fingerprint"]
    assert plan_document(touched, HEADER)["fingerprint"] != first["fingerprint"]


# --- rounds -----------------------------------------------------------------------

COUNTED: tuple[tuple[str, Callable[[Change], bool]], ...] = (
    ("removals_per_pass", lambda change: change.is_removal),
    ("expiries_per_pass", lambda change: change.is_expiry),
    ("escalations_per_pass", lambda change: change.is_escalation),
    ("grants_per_pass", lambda change: change.is_grant),
)
only_counts = st.builds(
    Limits,
    removals_per_collection=limits_of_one_kind,
    removals_per_pass=limits_of_one_kind,
    removals_per_day=st.none(),
    escalations_per_pass=limits_of_one_kind,
    expiries_per_pass=limits_of_one_kind,
    grants_per_pass=limits_of_one_kind,
    visibility=st.none(),
    flapping=st.none(),
)
some_levels = st.dictionaries(st.sampled_from(PRINCIPALS), permissions)
fates = st.dictionaries(
    st.tuples(st.integers(1, 3), st.sampled_from(("New", *map(str, PRINCIPALS)))),
    st.sampled_from(Fate),
    max_size=8,
)


@dataclass
class Meddling:
    """People who write between rounds, and lists that come and go."""

    levels: Mapping[int, Mapping[Principal, Level]]
    unreadable: frozenset[int]

    def __call__(self, tenant: Tenant) -> None:
        for id, levels in self.levels.items():
            tenant.levels[id] = dict(levels)
        tenant.unreadable = set(self.unreadable)


meddlings = st.dictionaries(
    st.integers(1, 2),
    st.builds(
        Meddling,
        st.dictionaries(st.sampled_from((11, 12)), some_levels),
        st.frozensets(st.sampled_from((11, 12))),
    ),
)


@st.composite
def passes(draw: st.DrawFn) -> tuple[Task, Hand]:
    """Two collections and one to create, limits, mishaps and meddling."""
    tenant = Tenant()
    for id, name in ((11, "First"), (12, "Second"), (13, "Not in the file")):
        tenant.add(id, name, draw(some_levels))
    lists = [draw(wanted_lists) for _ in range(3)]
    modes = st.sampled_from((Mode.AUTHORITATIVE, Mode.ADDITIVE))
    entries = tuple(
        entry(
            *(share(who, level, line=50, window=window) for who, level, window in lines),
            name=name,
            line=10 + place,
            mode=draw(modes),
            allow_empty=True,
        )
        for place, (name, lines) in enumerate(zip(("First", "Second", "New"), lists, strict=True))
    )
    task = Task(declarations=declare(*entries), entries=entries, limits=draw(only_counts))
    return task, Hand(tenant, draw(fates), draw(meddlings))


@given(passes())
def test_over_all_rounds_of_a_pass_no_limit_is_exceeded(drawn: tuple[Task, Hand]) -> None:
    task, hand = drawn
    first = preview(hand.tenant, task, NOW)
    base = {each.id: each.changeable for each in first.plan.collections}
    done = carry_out(hand.tenant, task, first, hand, Diary(hand), Watch())

    assert done.rounds <= 3
    for name, counts in COUNTED:
        limit: Limit | None = getattr(task.limits, name)
        landed = sum(counts(change) for _, change in hand.landed)
        assert limit is None or landed <= limit.allowed(first.plan.changeable), name
    if (limit := task.limits.removals_per_collection) is not None:
        gone = Counter(id for id, change in hand.landed if change.is_removal)
        assert all(count <= limit.allowed(base.get(id, 0)) for id, count in gone.items())


@given(passes())
def test_what_the_first_round_held_never_lands_and_nothing_outside_the_file_moves(
    drawn: tuple[Task, Hand],
) -> None:
    task, hand = drawn
    outside = dict(hand.tenant.levels[13])
    first = preview(hand.tenant, task, NOW)
    held = {(each.id, change.principal) for each, change in first.plan.changes() if change.hold}
    carry_out(hand.tenant, task, first, hand, Diary(hand), Watch())
    ours = {user(ME), user(OWNER_ID)}

    assert held.isdisjoint((id, change.principal) for id, change in hand.landed)
    assert hand.tenant.levels[13] == outside
    assert all(id != 13 and change.principal not in ours for id, change in hand.landed if id < 20)
    assert len(hand.tenant.named("New")) <= 1


@given(passes())
def test_a_pass_tells_of_every_change_that_landed(drawn: tuple[Task, Hand]) -> None:
    task, hand = drawn
    done = carry_out(hand.tenant, task, preview(hand.tenant, task, NOW), hand, Diary(hand), Watch())
    told = {
        (each.id, change.principal): done.outcomes.shares[each.key, change.principal].result
        for each, change in done.plan.changes()
        if (each.key, change.principal) in done.outcomes.shares
    }

    assert {(id, change.principal) for id, change in hand.landed if id < 20} <= told.keys()
