"""`undo`: the world as it was before a pass, but for what others did since."""

from __future__ import annotations

import pytest

from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Change
from reconciler.sandbox.world import PrincipalKey
from tests.builders import EDIT, NOW, VIEW, change, user
from tests.cli.little_school import (
    BIOLOGY,
    CHEMISTRY,
    FACULTY,
    FILMS,
    GRACE,
    LIN,
    MIA,
    OMAR,
    SAM,
    TERM_BEGINS,
    School,
    school,
)

__all__ = ["school"]
BEFORE: dict[PrincipalKey, str] = {FACULTY: "view", LIN: "view", SAM: "edit"}


def test_a_pass_is_taken_back(school: School) -> None:
    pass_id = school.apply()
    assert school.tenant.shares(BIOLOGY) == {FACULTY: "view", LIN: "edit", GRACE: "view"}
    ran = school("undo", pass_id, "--yes")
    assert ran.status == 0
    assert school.tenant.shares(BIOLOGY) == BEFORE
    assert "3 applied" in ran.out


def test_the_beginning_of_an_id_will_do(school: School) -> None:
    pass_id = school.apply()
    assert school("undo", pass_id[:20].lower(), "--yes").status == 0
    assert school.tenant.shares(BIOLOGY) == BEFORE


def test_it_is_on_record_as_an_undo_and_can_be_undone(school: School) -> None:
    first = school.apply()
    school("undo", first, "--yes")
    last = school("history", "--format", "json").json["passes"][0]["pass_id"]
    assert school("show", last, "--format", "json").json["kind"] == "undo"
    assert school("undo", last, "--yes").status == 0
    assert school.tenant.shares(BIOLOGY) == {FACULTY: "view", LIN: "edit", GRACE: "view"}


def test_the_result_has_the_shape_of_an_applied_plan(school: School) -> None:
    ran = school("undo", school.apply(), "--yes", "--format", "json")
    assert ran.json["format"] == "reconciler.result/1"
    [entry] = ran.json["collections"]
    assert [(each["action"], each["id"], each["outcome"]) for each in entry["changes"]] == [
        ("create", 106, "applied"),
        ("update", 103, "applied"),
        ("destroy", 102, "applied"),
    ]
    codes = {each["code"] for each in ran.json["warnings"]}
    assert codes == {"undo-will-return"}
    assert ran.json["warnings"][0]["source"] == "config.yaml:5"


def test_what_somebody_changed_since_is_left_alone_and_told(school: School) -> None:
    pass_id = school.apply()
    school.tenant.share(BIOLOGY, GRACE, "edit")
    school.tenant.share(BIOLOGY, OMAR, "view")
    ran = school("undo", pass_id, "--yes")
    assert ran.status == 0
    assert school.tenant.shares(BIOLOGY) == {**BEFORE, GRACE: "edit", OMAR: "view"}
    assert "grace@school.edu was left with view by that pass and has edit now" in ran.out


def test_a_second_time_there_is_nothing_to_take_back(school: School) -> None:
    pass_id = school.apply()
    school("undo", pass_id, "--yes")
    audit = school.tenant.audit
    ran = school("undo", pass_id, "--yes")
    assert (ran.status, school.tenant.audit) == (0, audit)
    assert "Nothing to take back" in ran.out


def test_a_created_collection_stays_and_its_shares_go(school: School) -> None:
    school.write(TERM_BEGINS + "  - name: Field Work\n    shares: [{user: 104}]\n")
    ran = school("undo", school.apply(), "--yes")
    assert ran.status == 0
    [born] = [each for each in school.tenant.collections().values() if each.name == "Field Work"]
    assert born.shares == {}
    assert "created by that pass and stays" in ran.out
    assert not [each for each in school.tenant.audit if each.action == "forbidden"]


def test_a_collection_that_left_the_file_is_taken_back_without_a_warning(school: School) -> None:
    pass_id = school.apply()
    school.write("version: 1\nmode: authoritative\ncollections: []\n")
    ran = school("undo", pass_id, "--yes")
    assert school.tenant.shares(BIOLOGY) == BEFORE
    assert "Warning" not in ran.out


def test_a_guard_holds_the_way_back_until_it_is_acknowledged(school: School) -> None:
    pass_id = school.apply()
    school.write(TERM_BEGINS + "guards:\n  removals: {per_pass: {count: 0}}\n")
    held = school("undo", pass_id, "--yes", "--format", "json")
    assert held.status == 3
    [hold] = held.json["holds"]
    assert hold["guard"] == "removals.per_pass"
    assert school.tenant.shares(BIOLOGY) == {
        FACULTY: "view",
        LIN: "edit",
        GRACE: "view",
        SAM: "edit",
    }
    assert school("undo", pass_id, "--yes", "--acknowledge", hold["hold"]).status == 0
    assert school.tenant.shares(BIOLOGY) == BEFORE


def test_nobody_protected_is_removed_by_an_undo(school: School) -> None:
    pass_id = school.apply()
    school.write(TERM_BEGINS + "guards:\n  protect: {users: [grace@school.edu]}\n")
    assert school("undo", pass_id, "--yes").status == 3
    assert school.tenant.shares(BIOLOGY) == {**BEFORE, GRACE: "view"}


@pytest.mark.parametrize("happened", [True, False], ids=["happened", "did-not"])
def test_what_had_no_answer_is_taken_back_if_it_is_seen(school: School, happened: bool) -> None:
    _record(school, CHEMISTRY, change(user(105), None, VIEW), None)
    if happened:
        school.tenant.share(CHEMISTRY, MIA, "view")
    before = school.tenant.shares(CHEMISTRY)
    assert school("undo", "P1", "--yes").status == 0
    assert school.tenant.shares(CHEMISTRY) == {k: v for k, v in before.items() if k != MIA}


@pytest.mark.parametrize("result", [Result.FAILED, Result.NOT_TRIED])
def test_what_was_never_done_is_not_taken_back(school: School, result: Result) -> None:
    _record(school, CHEMISTRY, change(user(104), EDIT, VIEW), Outcome(result, "no"))
    before = school.tenant.shares(CHEMISTRY)
    assert school("undo", "P1", "--yes").status == 0
    assert school.tenant.shares(CHEMISTRY) == before


def test_a_refusal_is_partly_done_and_named(school: School) -> None:
    gone = change(user(99999), VIEW, None)
    _record(school, FILMS, gone, Outcome(Result.APPLIED))
    ran = school("undo", "P1", "--yes", "--format", "json")
    assert ran.status == 5
    assert ran.json["collections"][0]["changes"][0]["outcome"] == "failed"


def test_a_collection_that_is_gone_is_partly_done(school: School) -> None:
    pass_id = school.apply()
    school.tenant.delete(BIOLOGY)
    ran = school("undo", pass_id, "--yes")
    assert ran.status == 5
    assert "unreadable" in ran.out


def test_without_a_terminal_it_needs_yes(school: School) -> None:
    pass_id = school.apply()
    before = school.tenant.shares(BIOLOGY)
    ran = school("undo", pass_id)
    assert (ran.status, school.tenant.shares(BIOLOGY)) == (64, before)
    assert "--yes" in ran.err


@pytest.mark.parametrize("wanted", ["01NOSUCH", "", "%", "0" * 300])
def test_an_unknown_pass_is_refused_and_nothing_is_made(school: School, wanted: str) -> None:
    ran = school("undo", wanted, "--yes")
    assert ran.status == 1
    assert "no pass" in ran.err
    assert not list(school.folder.glob("*.db"))


def test_an_unknown_pass_among_others_names_what_is_near(school: School) -> None:
    pass_id = school.apply()
    ran = school("undo", f"{pass_id[:-1]}!", "--yes")
    assert ran.status == 1
    assert pass_id in ran.err


def test_without_a_pass_it_is_a_usage_error(school: School) -> None:
    assert school("undo", "--yes").status == 64


def _record(school: School, collection: int, each: Change, outcome: Outcome | None) -> None:
    """A pass P1 that sent this change; without an outcome it was killed then."""
    with school.journal() as journal:
        journal.begin(
            "P1", kind="apply", started_at=NOW, holder="here:1", config_digest=None, commit=None
        )
        journal.intend("P1", 1, collection, "Chemistry", [each])
        if outcome is not None:
            journal.settle("P1", 1, collection, {each.principal: outcome}, at=NOW)
            journal.finish("P1", verdict="done", summary={}, finished_at=NOW)
