from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.model import Principal
from reconciler.core.outcome import APPLIED, Outcome, Result
from reconciler.core.plan import Change
from reconciler.errors import StateError
from reconciler.state.history import History
from reconciler.state.journal import INTERRUPTED, Journal
from reconciler.state.records import Verdict
from reconciler.state.retention import PASSES, forget_old
from reconciler.state.store import Store, open_store, open_store_readonly
from tests.state.worlds import (
    EDIT,
    HOUR,
    NOW,
    VIEW,
    any_change,
    any_text,
    begin,
    change,
    ids,
    outcomes,
    user,
)

UNKNOWN = Outcome(Result.UNKNOWN, "no answer", may_land=True)
FAILED = Outcome(Result.FAILED, "refused")
NOT_TRIED = Outcome(Result.NOT_TRIED, "the lease is lost")

PASS = "01J00000000000000000000001"


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


tenants = count()


def sent(
    journal: Journal,
    changes: list[Change],
    told: Mapping[Principal, Outcome],
    pass_id: str = PASS,
    *,
    at: datetime = NOW,
    digest: str = "sha256:00",
) -> None:
    """One pass, with all its changes on collection 4711 settled an hour after NOW."""
    begin(journal, pass_id, at, digest=digest)
    journal.intend(pass_id, 1, 4711, "Biology 101", changes)
    journal.settle(pass_id, 1, 4711, told, at=NOW + HOUR)


@given(
    name=any_text,
    collection_id=st.none() | ids,
    changes=st.lists(any_change(), max_size=5, unique_by=lambda each: each.principal),
    data=st.data(),
)
def test_what_was_intended_and_settled_is_what_is_read_back(
    shared: str, name: str, collection_id: int | None, changes: list[Change], data: st.DataObject
) -> None:
    told = {each.principal: data.draw(outcomes) for each in changes if data.draw(st.booleans())}
    with open_store(shared, tenant=f"school-{next(tenants)}") as store:
        journal = Journal(store)
        begin(journal, PASS)
        journal.intend(PASS, 2, collection_id, name, changes)
        journal.settle(PASS, 2, collection_id, told, at=NOW + HOUR)
        records = journal.read(PASS).changes
    assert [record.change for record in records] == changes
    assert [record.outcome for record in records] == [told.get(each.principal) for each in changes]
    assert {record.at for record in records} <= {NOW, NOW + HOUR}
    assert {(each.round, each.collection_id, each.collection_name) for each in records} <= {
        (2, collection_id, name)
    }


def test_a_pass_is_read_back_as_it_was_begun_and_finished(journal: Journal) -> None:
    journal.begin(
        PASS, kind="run", started_at=NOW, holder="here:1", config_digest="sha256:1", commit="abc"
    )
    journal.finish(PASS, verdict="held", summary={"create": 3}, finished_at=NOW + HOUR)
    record = journal.read(PASS)
    assert (record.id, record.kind, record.verdict) == (PASS, "run", Verdict.HELD)
    assert (record.config_digest, record.commit) == ("sha256:1", "abc")
    assert (record.started_at, record.finished_at) == (NOW, NOW + HOUR)
    assert record.summary == {"create": 3}


def test_the_plans_of_a_pass_come_back_in_the_order_of_rounds(journal: Journal) -> None:
    begin(journal, PASS)
    journal.planned(PASS, 2, {"name": "zweite \0 Runde"})
    journal.planned(PASS, 1, {"name": "replaced"})
    journal.planned(PASS, 1, {"name": "erste"})
    assert journal.plans(PASS[:20]) == ({"name": "erste"}, {"name": "zweite \0 Runde"})


def test_passes_come_newest_first_up_to_the_limit(journal: Journal) -> None:
    for hour, pass_id in enumerate(["A", "B", "C"]):
        begin(journal, pass_id, NOW + hour * HOUR)
    assert [record.id for record in journal.passes(2)] == ["C", "B"]


def test_another_tenant_sees_nothing_of_it(journal: Journal, place: str) -> None:
    sent(journal, [change(1, EDIT, None)], {user(1): APPLIED})
    with open_store(place, tenant="other.test") as other:
        theirs = Journal(other)
        assert theirs.passes(10) == ()
        assert theirs.removals_since(NOW) == 0
        theirs.mark_interrupted()
        forget_old(other, NOW + 9 * PASSES)
    assert journal.read(PASS).verdict is Verdict.RUNNING


def test_of_one_share_intended_twice_unanswered_the_later_intention_stands(
    journal: Journal,
) -> None:
    sent(journal, [change(1, EDIT, None), change(2, EDIT, None)], {user(2): APPLIED})
    journal.intend(PASS, 1, 4711, "Biology 101", [change(1, VIEW, None)])
    journal.settle(PASS, 1, 4711, {user(1): APPLIED}, at=NOW)
    assert {each.change.principal: each.change.before for each in journal.read(PASS).changes} == {
        user(2): EDIT,
        user(1): VIEW,
    }
    assert journal.removals_since(NOW) == 2


def test_what_was_settled_stays_when_it_is_intended_again(journal: Journal) -> None:
    sent(journal, [change(1, None, VIEW)], {user(1): UNKNOWN})
    journal.intend(PASS, 1, 4711, "Biology 101", [change(1, None, VIEW)])
    journal.settle(PASS, 1, 4711, {user(1): APPLIED}, at=NOW)
    assert [each.outcome for each in journal.read(PASS).changes] == [UNKNOWN, APPLIED]


def test_what_was_not_tried_need_not_have_been_intended(journal: Journal) -> None:
    sent(journal, [], {user(1): NOT_TRIED})
    assert journal.read(PASS).changes == ()


def test_an_outcome_nobody_intended_is_a_bug(journal: Journal) -> None:
    with pytest.raises(ValueError, match="nobody intended to change user:1"):
        sent(journal, [], {user(1): APPLIED})


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(
            lambda journal: journal.intend(PASS, 1, 4711, "Biology", [change(1, None, VIEW)]),
            id="intend",
        ),
        pytest.param(
            lambda journal: journal.finish(PASS, verdict="done", summary={}, finished_at=NOW),
            id="finish",
        ),
        pytest.param(lambda journal: journal.planned(PASS, 1, {}), id="planned"),
    ],
)
def test_a_pass_that_was_never_begun_is_refused(
    journal: Journal, call: Callable[[Journal], None]
) -> None:
    with pytest.raises(StateError):
        call(journal)


def test_threads_may_share_a_journal(journal: Journal) -> None:
    begin(journal, PASS)

    def write(id: int) -> None:
        journal.intend(PASS, 1, id, "Biology", [change(1, None, VIEW)])
        journal.settle(PASS, 1, id, {user(1): APPLIED}, at=NOW)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(1, 41)))
    written = journal.read(PASS).changes
    assert {each.collection_id for each in written if each.outcome == APPLIED} == {*range(1, 41)}


# --- interrupted ---------------------------------------------------------------------


def test_an_interrupted_pass_leaves_its_open_intents_unknown(journal: Journal) -> None:
    sent(journal, [change(1, None, VIEW), change(2, None, VIEW)], {user(1): APPLIED})
    journal.intend_collection(PASS, "Chemistry", None, NOW)
    assert [record.id for record in journal.mark_interrupted()] == [PASS]
    record = journal.read(PASS)
    assert record.verdict is Verdict.INTERRUPTED
    assert [each.outcome for each in record.changes] == [APPLIED, INTERRUPTED]
    assert [each.outcome for each in record.creations] == [INTERRUPTED]
    assert journal.mark_interrupted() == ()


def test_a_pass_whose_holder_lives_goes_on(journal: Journal) -> None:
    begin(journal, "A", holder="alive:1")
    begin(journal, "B", holder="dead:1")
    journal.mark_interrupted(except_holders_alive={"alive:1"}.__contains__)
    assert {each.id: each.verdict for each in journal.passes(9)} == {
        "A": Verdict.RUNNING,
        "B": Verdict.INTERRUPTED,
    }


# --- creations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "lost"),
    [
        pytest.param(None, True, id="killed before the answer"),
        pytest.param(UNKNOWN, True, id="timed out"),
        pytest.param(Outcome(Result.UNKNOWN, "reset"), False, id="cut off"),
    ],
)
def test_a_creation_without_an_answer_is_lost(
    journal: Journal, told: Outcome | None, *, lost: bool
) -> None:
    begin(journal, PASS)
    journal.intend_collection(PASS, "Chemistry", 101, NOW)
    if told is not None:
        journal.settle_collection(PASS, "Chemistry", 101, told, None, NOW + HOUR)
    (found,) = journal.lost_creations()
    assert (found.name, found.owner_id, found.sent_at) == ("Chemistry", 101, NOW)
    assert found.timed_out is lost
    assert found.lost_at == (NOW if told is None else NOW + HOUR)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        pytest.param(APPLIED, 0, id="it is there"),
        pytest.param(FAILED, 0, id="it is not there"),
        pytest.param(NOT_TRIED, 1, id="nobody asked"),
        pytest.param(UNKNOWN, 1, id="nobody knows"),
    ],
)
def test_a_later_pass_settles_a_lost_creation(journal: Journal, told: Outcome, left: int) -> None:
    begin(journal, "A")
    journal.intend_collection("A", "Chemistry", None, NOW)
    journal.mark_interrupted()
    begin(journal, "B")
    journal.settle_collection("B", "Chemistry", None, told, None, NOW + HOUR)
    assert len(journal.lost_creations()) == left


def test_a_creation_settles_none_of_another_name_or_owner(journal: Journal) -> None:
    begin(journal, PASS)
    for name, owner in [("Chemistry", None), ("Chemistry", 101), ("Physics", None)]:
        journal.intend_collection(PASS, name, owner, NOW)
    journal.settle_collection(PASS, "Chemistry", None, APPLIED, 4712, NOW)
    assert [(each.name, each.owner_id) for each in journal.lost_creations()] == [
        ("Chemistry", 101),
        ("Physics", None),
    ]
    assert [each.collection_id for each in journal.read(PASS).creations] == [4712, None, None]


# --- counts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "told", "removals"),
    [
        pytest.param(change(1, EDIT, None), APPLIED, 1, id="destroyed"),
        pytest.param(change(1, EDIT, VIEW), APPLIED, 1, id="lowered"),
        pytest.param(change(1, EDIT, None), UNKNOWN, 1, id="perhaps destroyed"),
        pytest.param(change(1, EDIT, None), None, 1, id="sent and never heard of"),
        pytest.param(change(1, EDIT, None), FAILED, 0, id="refused"),
        pytest.param(change(1, EDIT, None), NOT_TRIED, 0, id="not sent"),
        pytest.param(change(1, EDIT, None, expired=True), APPLIED, 0, id="expired"),
        pytest.param(change(1, VIEW, EDIT), APPLIED, 0, id="raised"),
        pytest.param(change(1, None, EDIT), APPLIED, 0, id="granted"),
    ],
)
def test_removals_are_what_was_or_may_have_been_taken_away(
    journal: Journal, one: Change, told: Outcome | None, removals: int
) -> None:
    sent(journal, [one], {} if told is None else {user(1): told})
    assert journal.removals_since(NOW) == removals
    assert journal.removals_since(NOW + 2 * HOUR) == 0


def test_restored_counts_what_was_put_back_under_the_same_files(journal: Journal) -> None:
    for number, pass_id in enumerate(("A", "B", "C")):
        sent(
            journal,
            [change(1, None, VIEW), change(2, VIEW, EDIT), change(3, EDIT, None)],
            {user(1): APPLIED, user(2): FAILED if pass_id == "C" else APPLIED, user(3): APPLIED},
            pass_id,
            at=NOW + number * timedelta(minutes=1),
        )
    put_back = {(4711, user(1)): 2, (4711, user(2)): 1, (4711, user(3)): 2}
    assert journal.restored_since(NOW) == put_back
    assert journal.restored_since(NOW + 2 * HOUR) == {}


def test_what_an_edit_of_the_file_asked_for_was_not_restored(journal: Journal) -> None:
    for number, digest in enumerate(("sha256:1", "sha256:2", "sha256:1")):
        at = NOW + number * timedelta(minutes=1)
        sent(
            journal, [change(1, None, VIEW)], {user(1): APPLIED}, str(number), at=at, digest=digest
        )
    assert journal.restored_since(NOW) == {}


def test_the_last_applied_change_of_a_share_tells_since_when(journal: Journal) -> None:
    sent(journal, [change(1, None, VIEW)], {user(1): APPLIED}, "A")
    sent(journal, [change(1, VIEW, EDIT)], {user(1): FAILED}, "B")
    found = journal.last_applied(4711, user(1))
    assert found is not None
    assert (found.pass_id, found.at) == ("A", NOW + HOUR)
    assert journal.last_applied(4711, user(2)) is None


# --- ids of passes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param("01JAA", "01JAA", id="whole, and the beginning of another"),
        pytest.param("01jaab", "01JAAB", id="in small letters"),
        pytest.param("01JB", "01JBB", id="a beginning"),
    ],
)
def test_the_beginning_of_an_id_will_do(journal: Journal, wanted: str, found: str) -> None:
    for pass_id in ("01JAA", "01JAAB", "01JBB"):
        begin(journal, pass_id)
    assert journal.read(wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param("01JA", r"beginning of 2 passes: 01JAAB, 01JAA\b", id="several"),
        pytest.param("01JBC", "Did you mean 01JBB", id="a near one"),
        pytest.param("", 'no pass "" is on record', id="nothing"),
        pytest.param("%", 'no pass "%" is on record', id="a pattern"),
    ],
)
def test_no_pass_or_several_are_refused_naming_what_is_near(
    journal: Journal, wanted: str, message: str
) -> None:
    for pass_id in ("01JAA", "01JAAB", "01JBB"):
        begin(journal, pass_id)
    with pytest.raises(StateError, match=message):
        journal.read(wanted)


def test_history_can_be_read_from_a_state_opened_to_look(journal: Journal, place: str) -> None:
    sent(journal, [change(1, None, VIEW)], {user(1): APPLIED})
    looking = open_store_readonly(place, tenant="school.test")
    assert looking is not None
    with looking:
        assert History(looking).read(PASS) == journal.read(PASS)
