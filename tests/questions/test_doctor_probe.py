"""What only writing settles: tried on one share of a scratch collection, and put back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import pytest

from reconciler.core.model import Permission, Principal, PrincipalType
from reconciler.core.observed import Kind, LiveCollection, Shares, Unreadable
from reconciler.errors import ReconcilerError
from reconciler.questions import doctor_probe
from reconciler.questions.doctor import Finding, Grade
from reconciler.sandbox.faults import Fault, When
from reconciler.studio.options import PermissionsBody
from tests.builders import EDIT, VIEW, entry, live, plan_of, planned, user
from tests.questions.probed_tenant import FILMS, MIA, Stage

GRACE = user(102)


def grades(findings: Iterable[Finding]) -> list[Grade]:
    return [each.grade for each in findings]


REFUSALS = [
    ("atomic", "nothing of it is applied"),
    ("prefix", "what stands before the bad action is applied"),
    ("partial", "all but the bad action is applied"),
]


@pytest.mark.parametrize("who", [MIA, GRACE], ids=["new", "there-already"])
@pytest.mark.parametrize("shape", PermissionsBody)
@pytest.mark.parametrize(("kept", "words"), REFUSALS)
def test_a_probe_settles_the_rest_and_leaves_no_trace(
    kept: str, words: str, shape: PermissionsBody, who: Principal
) -> None:
    stage = Stage(refused_batch=kept, permissions_body=shape)
    before = stage.tenant.collections()
    found = stage.probe(who)
    assert (found.trouble, found.left, found.body) == (None, None, shape)
    assert f"when a batch is refused, {words}" in found.learned
    assert stage.tenant.collections() == before
    assert {each.collection for each in stage.tenant.audit} == {FILMS}
    assert {each.principal for each in stage.tenant.audit} == {("user", who.id)}


@pytest.mark.parametrize("fault", ["reset", "timeout", "garbage"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("skip", range(6))
def test_a_lost_answer_ends_a_probe_and_what_was_is_put_back(
    fault: Literal["reset", "timeout", "garbage"], when: When, skip: int
) -> None:
    stage = Stage()
    stage.tenant.faults.add(Fault(fault=fault, when=when, route="POST *", skip=skip, times=1))
    before = stage.tenant.shares(FILMS)
    found = stage.probe(GRACE)
    assert (stage.tenant.shares(FILMS), found.left) == (before, None)


def test_what_cannot_be_put_back_is_told() -> None:
    stage = Stage()
    stage.tenant.faults.add(Fault(fault="status", status=500, route="POST *", skip=1, times=9))
    found = stage.probe(GRACE)
    assert found.left is not None
    assert "user:102 had the level view before" in found.left
    assert grades(doctor_probe.told(found, PermissionsBody.ARRAY))[-1] is Grade.FAIL


def test_nothing_is_sent_where_the_share_cannot_be_read() -> None:
    stage = Stage()
    stage.tenant.faults.add(Fault(fault="status", status=503, route="GET *permissions"))
    with pytest.raises(ReconcilerError, match="cannot be read"):
        stage.probe()
    assert stage.tenant.audit == ()


def test_a_level_we_do_not_write_is_not_tried() -> None:
    stage = Stage()
    stage.tenant.share(FILMS, ("user", 105), "approver")
    with pytest.raises(ReconcilerError, match="could not be put back"):
        stage.probe()
    assert stage.tenant.shares(FILMS)[("user", 105)] == "approver"


def test_the_other_shape_is_a_failure_of_the_file() -> None:
    found = Stage(permissions_body="wrapped").probe()
    wrong = [e for e in doctor_probe.told(found, PermissionsBody.ARRAY) if e.grade is Grade.FAIL]
    assert [each.remedy for each in wrong] == ["write permissions_body: wrapped under studio"]


SCRATCH = live(FILMS, "Scratch", level=EDIT)
UNFIT = [
    pytest.param(replace(SCRATCH, kind=Kind.USER), "library", id="my-library"),
    pytest.param(replace(SCRATCH, kind=Kind.COURSE_WIDE), "course", id="course"),
    pytest.param(replace(SCRATCH, archived=True), "archived", id="archived"),
    pytest.param(replace(SCRATCH, level=VIEW), "level view", id="only-view"),
    pytest.param(replace(SCRATCH, name="Biology 101"), "the file names it", id="by-name"),
    pytest.param(replace(SCRATCH, id=1), "the file names it", id="by-id"),
    pytest.param(replace(SCRATCH, id=4711), "the file names it", id="matched"),
    pytest.param(Unreadable("answered 403"), "answered 403", id="unseen"),
]


@pytest.mark.parametrize(("seen", "why"), UNFIT)
def test_only_a_scratch_collection_is_tried(seen: LiveCollection | Unreadable, why: str) -> None:
    entries = (entry(), entry(name="Pinned", id=1))
    with pytest.raises(ReconcilerError, match=why):
        doctor_probe.scratch(seen, entries, plan_of(planned()))


def test_a_scratch_collection_may_be_tried() -> None:
    assert doctor_probe.scratch(SCRATCH, (entry(),), plan_of(planned())) == SCRATCH


NOT_WITH = [
    pytest.param(user(101), 7, (), "the owner", id="owner"),
    pytest.param(user(7), 7, (), "own user", id="self"),
    pytest.param(MIA, None, (), "may be the token's own", id="nobody-knows-who-we-are"),
    pytest.param(MIA, 7, (MIA,), "protected", id="protected"),
]


@pytest.mark.parametrize(("who", "me", "protected", "why"), NOT_WITH)
def test_not_everybody_s_share_may_be_tried(
    who: Principal, me: int | None, protected: tuple[Principal, ...], why: str
) -> None:
    with pytest.raises(ReconcilerError, match=why):
        doctor_probe.fit(who, SCRATCH, me, protected)


WRITTEN = [
    ("user:105", MIA),
    ("105", MIA),
    ("MIA@school.edu", MIA),
    ("group:12", Principal(PrincipalType.GROUP, 12)),
]


@pytest.mark.parametrize(("written", "who"), WRITTEN)
def test_a_principal_is_an_id_or_an_address(written: str, who: Principal) -> None:
    stage = Stage()
    assert doctor_probe.whose_share(written, stage.observer, stage.reader) == who


@pytest.mark.parametrize("written", ["nobody@school.edu", "user:99999", "user:0", "role:1", ""])
def test_who_cannot_be_seen_is_refused(written: str) -> None:
    stage = Stage()
    with pytest.raises(ReconcilerError):
        doctor_probe.whose_share(written, stage.observer, stage.reader)


def test_a_share_put_back_is_read_back() -> None:
    stage = Stage()
    stage.probe(GRACE)
    answer, _ = stage.observer.shares([FILMS])
    shares = answer[FILMS]
    assert isinstance(shares, Shares)
    assert shares.levels[GRACE] is Permission.VIEW
