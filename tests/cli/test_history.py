"""`history` and `show`: what passes did, for people and for scripts; nothing is sent or made."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS
from tests.builders import VIEW, change, user
from tests.cli.little_school import BIOLOGY, TERM_BEGINS, School, school

__all__ = ["school"]


@pytest.mark.parametrize("format_", ["text", "json"])
def test_without_a_state_the_history_is_empty_and_stays_unmade(
    school: School, format_: str
) -> None:
    ran = school("history", "--format", format_)
    assert (ran.status, ran.err) == (0, "")
    assert ran.json == {"passes": []} if format_ == "json" else "no pass is on record" in ran.out
    assert not list(school.folder.glob("*.db"))


def test_passes_are_told_the_newest_first(school: School) -> None:
    ids = [school.apply(), school.apply()]
    passes = school("history", "--format", "json").json["passes"]
    assert [each["pass_id"] for each in passes] == ids[::-1]
    assert {tuple(sorted(each)) for each in passes} == {
        ("pass_id", "started_at", "summary", "verdict")
    }
    assert all(re.fullmatch(r"[-\d]{10}T[:\d]{8}Z", each["started_at"]) for each in passes)
    assert [each["verdict"] for each in passes] == ["done", "done"]
    assert passes[1]["summary"]["create"] == 1


def test_a_limit_leaves_out_the_oldest(school: School) -> None:
    school.apply()
    newest = school.apply()
    [only] = school("history", "--limit", "1", "--format", "json").json["passes"]
    assert only["pass_id"] == newest


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_a_usage_error(school: School, limit: str) -> None:
    assert school("history", "--limit", limit).status == 64


def test_a_line_tells_what_the_pass_planned(school: School) -> None:
    pass_id = school.apply()
    school.apply()
    newest, oldest = school("history").out.splitlines()
    assert oldest.split()[0] == pass_id
    assert oldest.endswith("apply  done  +1, ~1, -1")
    assert newest.endswith("nothing to do")


def test_a_killed_pass_is_interrupted_before_any_writing_command(school: School) -> None:
    _killed(school, holder="elsewhere:4")
    [killed] = school("history", "--format", "json").json["passes"]
    assert (killed["verdict"], killed["summary"]) == ("interrupted", {})
    shown = school("show", "P1", "--format", "json").json
    assert shown["verdict"] == "interrupted"
    assert [each["outcome"] for each in shown["changes"]] == ["unknown"]
    assert [each["outcome"] for each in shown["creations"]] == ["unknown"]
    with school.journal() as journal:
        assert journal.read("P1").verdict == "running"


def test_a_pass_in_hand_is_running(school: School) -> None:
    with school.state() as store, LeaseKeeper(store, PASS):
        _killed(school, holder=str(Holder.this_process()))
        assert school("history", "--format", "json").json["passes"][0]["verdict"] == "running"
        shown = school("show", "P1", "--format", "json").json
        assert [each["outcome"] for each in shown["changes"]] == [None]
        assert "in hand" in school("show", "P1").out


def test_another_pass_in_hand_does_not_bring_a_killed_one_to_life(school: School) -> None:
    _killed(school, holder=str(Holder.this_process()))
    with school.state() as store, LeaseKeeper(store, PASS):
        assert school("history", "--format", "json").json["passes"][0]["verdict"] == "interrupted"


def test_show_tells_each_change_with_its_outcome(school: School) -> None:
    shown = school("show", school.apply(), "--format", "json").json
    assert (shown["kind"], shown["verdict"]) == ("apply", "done")
    assert shown["finished_at"] is not None
    assert [(each["action"], each["who"], each["outcome"]) for each in shown["changes"]] == [
        ("create", "grace@school.edu", "applied"),
        ("update", "lin@school.edu", "applied"),
        ("destroy", "sam@school.edu", "applied"),
    ]
    assert {each["collection_id"] for each in shown["changes"]} == {BIOLOGY}


def test_show_tells_what_was_created(school: School) -> None:
    school.write(TERM_BEGINS + "  - name: Field Work\n    shares: [{user: 104}]\n")
    pass_id = school.apply()
    [born] = school("show", pass_id, "--format", "json").json["creations"]
    assert (born["collection"], born["outcome"]) == ("Field Work", "applied")
    assert f"“Field Work”  created · id {born['collection_id']}" in (school("show", pass_id).out)


def test_show_tells_what_was_held_also_when_all_was(school: School) -> None:
    school.write(
        "version: 1\nmode: authoritative\nguards: {removals: {per_pass: {count: 0}}}\n"
        "collections:\n- name: Chemistry Lab Recordings\n"
        "  shares: [{group: 21, permission: edit}]\n"
    )
    ran = school("apply", "--yes", "--format", "json")
    assert ran.status == 3
    [hold] = ran.json["holds"]
    shown = school("show", ran.json["id"], "--format", "json").json
    assert [each["hold"] for each in shown["holds"]] == [hold["hold"]]
    text = school("show", ran.json["id"]).out
    assert hold["hold"] in text
    assert "It sent nothing to Studio." in text


def test_show_escapes_what_acts_on_a_terminal(school: School) -> None:
    with school.journal() as journal:
        _begin(journal, "P1", "h\x1b[2J:1")
        journal.intend("P1", 1, 1, "evil\x1b]0;\u202e", [change(user(1), None, VIEW, label="\x07")])
    text = school("show", "P1").out
    assert not set(text) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize("wanted", ["01NOSUCH", "", "\x00"])
def test_show_of_nothing_says_what_to_do(school: School, wanted: str) -> None:
    for _ in range(2):
        ran = school("show", wanted)
        assert (ran.status, ran.out) == (1, "")
        assert "no pass" in ran.err
        school.apply()


def test_an_ambiguous_beginning_names_the_passes(school: School) -> None:
    ids = [school.apply(), school.apply()]
    ran = school("show", "01")
    assert ran.status == 1
    assert all(each in ran.err for each in ids)


@pytest.mark.parametrize("command", ["undo", "history", "show", "status", "login", "doctor"])
def test_help_shows_each_example_on_a_line_of_its_own(school: School, command: str) -> None:
    told = school(command, "--help").out
    assert re.search(rf"^  Examples:\n    reconciler {command}", told, re.MULTILINE)


def test_a_state_that_is_none_is_told(school: School) -> None:
    (school.folder / "reconciler.sandbox.db").write_text("no database")
    ran = school("history")
    assert ran.status == 1
    assert "is no SQLite file" in ran.err


def _begin(journal: Journal, pass_id: str, holder: str) -> None:
    journal.begin(
        pass_id,
        kind="apply",
        started_at=datetime.now(UTC),
        holder=holder,
        config_digest=None,
        commit=None,
    )


def _killed(school: School, *, holder: str) -> None:
    """A pass P1 that has sent a change and a creation, and is not heard of again."""
    with school.journal() as journal:
        _begin(journal, "P1", holder)
        journal.intend("P1", 1, BIOLOGY, "Biology 101", [change(user(105), None, VIEW)])
        journal.intend_collection("P1", "Field Work", 101, datetime.now(UTC))
