"""What an edit causes, told from what had drifted: two files against one read of a tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.declared import DeclaredCollection
from reconciler.core.model import Level, Mode, Permission, Principal
from reconciler.core.plan import Cause, Plan
from reconciler.passes.causes import with_causes
from reconciler.passes.ports import Task
from reconciler.passes.rounds import Preview, preview
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
from tests.tenant import Tenant

ANA, BEN, CAT = user(2), user(3), user(4)
OTHER = 5
FILE, DRIFT = Cause.FILE, Cause.DRIFT


def tenant_with(levels: Mapping[Principal, Level]) -> Tenant:
    tenant = Tenant()
    tenant.add(BIOLOGY, "Biology 101", levels)
    tenant.add(OTHER, "Other", {})
    return tenant


def task_of(*entries: DeclaredCollection, only: Sequence[str] = ()) -> Task:
    asked = tuple(each for each in entries if not only or each.name in only)
    return Task(declarations=declare(*entries), entries=asked, limits=OFF)


def compared(tenant: Tenant, before: Sequence[DeclaredCollection], task: Task) -> Plan:
    first = preview(tenant, task, NOW)
    return with_causes(tenant, task, declare(*before), first, NOW)


def causes(
    tenant: Tenant,
    before: Sequence[DeclaredCollection],
    after: Sequence[DeclaredCollection],
    *,
    only: Sequence[str] = (),
) -> dict[tuple[str, Principal], Cause | None]:
    plan = compared(tenant, before, task_of(*after, only=only))
    return {(each.name, change.principal): change.cause for each, change in plan.changes()}


def biology(*shares: tuple[Principal, Permission], line: int = 50) -> DeclaredCollection:
    return entry(*(share(who, level, line=line) for who, level in shares))


CASES = [
    pytest.param(
        {CAT: VIEW}, [(ANA, VIEW)], [(ANA, VIEW)], {ANA: DRIFT, CAT: DRIFT}, id="no-edit-all-drift"
    ),
    pytest.param(
        {ANA: VIEW, CAT: VIEW},
        [(ANA, VIEW), (CAT, VIEW)],
        [(ANA, EDIT), (BEN, VIEW)],
        {ANA: FILE, BEN: FILE, CAT: FILE},
        id="agreed-before-all-the-edit",
    ),
    pytest.param(
        {ANA: VIEW, CAT: VIEW},
        [(ANA, VIEW)],
        [(ANA, VIEW), (BEN, VIEW)],
        {BEN: FILE, CAT: DRIFT},
        id="some-of-each",
    ),
    pytest.param(
        {},
        [(ANA, VIEW)],
        [(ANA, EDIT)],
        {ANA: FILE},
        id="another-level-than-before",
    ),
    pytest.param(
        {ANA: EDIT}, [(ANA, VIEW)], [], {ANA: FILE}, id="gone-instead-of-lowered-is-the-edit"
    ),
]


@pytest.mark.parametrize(("have", "before", "after", "expected"), CASES)
def test_every_change_has_its_cause(
    have: dict[Principal, Level],
    before: list[tuple[Principal, Permission]],
    after: list[tuple[Principal, Permission]],
    expected: dict[Principal, Cause],
) -> None:
    told = causes(tenant_with(have), [biology(*before)], [biology(*after, line=90)])

    assert told == {("Biology 101", who): cause for who, cause in expected.items()}


LISTS = st.dictionaries(st.sampled_from([ANA, BEN, CAT]), st.sampled_from([VIEW, EDIT]))


@given(LISTS, LISTS, LISTS)
def test_drift_is_what_the_file_before_would_have_planned_too(
    have: dict[Principal, Permission],
    before: dict[Principal, Permission],
    after: dict[Principal, Permission],
) -> None:
    told = causes(tenant_with(have), [biology(*before.items())], [biology(*after.items(), line=90)])

    changed = {who for who in (ANA, BEN, CAT) if have.get(who) != after.get(who)}
    assert {who for _, who in told} == changed
    for who in changed:
        same = before.get(who) == after.get(who)
        assert told["Biology 101", who] is (DRIFT if same else FILE)


@given(LISTS, LISTS, LISTS)
def test_causes_change_nothing_else(
    have: dict[Principal, Permission],
    before: dict[Principal, Permission],
    after: dict[Principal, Permission],
) -> None:
    tenant, task = tenant_with(have), task_of(biology(*after.items()))
    plan = compared(tenant, [biology(*before.items())], task)

    bare = (
        replace(each, changes=tuple(replace(change, cause=None) for change in each.changes))
        for each in plan.collections
    )
    assert replace(plan, collections=tuple(bare)) == preview(tenant, task, NOW).plan


def test_a_new_collection_is_the_edit_s_doing() -> None:
    new = entry(share(ANA), name="New", line=60)

    assert causes(tenant_with({}), [biology()], [biology(), new]) == {("New", ANA): FILE}


def test_a_collection_that_was_to_be_created_anyway_is_drift() -> None:
    new = entry(share(ANA), name="New", line=60)
    more = entry(share(ANA), share(BEN), name="New", line=70)

    assert causes(tenant_with({}), [new], [more]) == {("New", ANA): DRIFT, ("New", BEN): FILE}


def test_the_mode_is_part_of_the_edit() -> None:
    before = entry(share(ANA), mode=Mode.OBSERVE)

    assert causes(tenant_with({}), [before], [biology((ANA, VIEW))]) == {("Biology 101", ANA): FILE}


def test_a_collection_that_is_called_otherwise_and_pinned_is_the_same() -> None:
    before = entry(share(ANA), name="Bio", id=BIOLOGY)
    after = entry(share(ANA), share(BEN), name="Biology, all terms", id=BIOLOGY)
    for only in ([], ["Biology, all terms"]):
        told = causes(tenant_with({}), [before, entry(name="Other", line=60)],
                      [after, entry(name="Other", line=60)], only=only)  # fmt: skip

        assert told == {(after.name, ANA): DRIFT, (after.name, BEN): FILE}


def test_asked_for_one_collection_the_others_are_neither_read_nor_told() -> None:
    tenant = tenant_with({CAT: VIEW})
    other = entry(share(BEN), name="Other", line=60)

    told = causes(
        tenant, [biology((ANA, VIEW)), other], [biology((ANA, EDIT)), other], only=["Biology 101"]
    )

    assert told == {("Biology 101", ANA): FILE, ("Biology 101", CAT): DRIFT}
    assert f"shares {OTHER}" not in tenant.reads


def test_nothing_is_read_twice() -> None:
    tenant = tenant_with({CAT: VIEW})
    tenant.unreadable.add(OTHER)
    tenant.hidden.add(OTHER)
    library = by_id(user(101))
    entries = (
        entry(share(ANA), share(address("new@x.edu")), id=BIOLOGY),
        entry(share(BEN), name="Pinned", id=OTHER, line=60),
        entry(share(BEN), name="Gone", id=77, line=65),
        entry(share(BEN), name="Not yet there", owner=library, line=70),
    )
    compared(tenant, entries, task_of(*entries))

    assert {f"collection {OTHER}", "people new@x.edu", "library 101"} <= tenant.reads.keys()
    assert set(tenant.reads.values()) == {1}


def test_what_the_former_file_reads_leaves_the_first_draft_as_it_was() -> None:
    tenant, task = tenant_with({}), task_of(biology((ANA, VIEW)))
    first = preview(tenant, task, NOW)
    before = replace(first.draft.view, found=dict(first.draft.view.found))
    former = declare(
        biology((BEN, VIEW)), entry(share(address("was@x.edu")), name="Other", line=60)
    )
    with_causes(tenant, task, former, first, NOW)

    assert first.draft.view == before
    assert isinstance(first, Preview)
