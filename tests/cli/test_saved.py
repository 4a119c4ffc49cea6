"""`apply PLAN.json`: exactly that plan, once, as long as nothing moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from reconciler.core.document import fingerprint
from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell, config

ROWS = """
- name: Biology 101
  shares:
    - {user: omar@school.edu, permission: edit}
    - {user: lin@school.edu}
    - {group: Biology Faculty, permission: edit}
- name: Chemistry
  shares:
    - {user: grace@school.edu, permission: edit}
- name: Field Work
  shares:
    - {user: mia@school.edu}
"""
BIOLOGY, CHEMISTRY, FIELD_WORK = 4711, 4712, 9001


@pytest.fixture
def saved(shell: QuickShell, studio: FakeStudio) -> QuickShell:
    shell.write(config(studio.url, ROWS))
    assert shell("plan", "--out", "plan.json").status == 0
    studio.calls.clear()
    return shell


def apply(shell: QuickShell, *more: str) -> tuple[int, Any]:
    ran = shell("apply", "plan.json", "--yes", "--format", "json", *more)
    return ran.status, ran.json if ran.out else ran.err


def test_it_is_carried_out_exactly(saved: QuickShell, studio: FakeStudio) -> None:
    # What the files say since is not asked.
    saved.write(config(studio.url, "- name: Chemistry\n  shares: [{group: 12}]\n"))
    status, result = apply(saved)
    assert status == 0
    assert result["format"] == "reconciler.result/1"
    assert studio.shares(BIOLOGY)[("group", 7)] == "edit"
    assert studio.shares(CHEMISTRY) == {("user", 102): "edit"}
    assert studio.shares(FIELD_WORK) == {("user", 105): "view"}


def test_stdout_of_a_plan_is_a_plan_to_apply(saved: QuickShell, studio: FakeStudio) -> None:
    saved.write(saved("plan", "--format", "json").out, "plan.json")
    assert apply(saved)[0] == 0
    assert studio.shares(CHEMISTRY) == {("user", 102): "edit"}


def test_its_changes_are_told_with_their_places(saved: QuickShell) -> None:
    planned = json.loads((saved.folder / "plan.json").read_text())
    _, result = apply(saved)
    for row, done in zip(planned["collections"], result["collections"], strict=True):
        assert [each["source"] for each in done["changes"]] == [
            each["source"] for each in row["changes"]
        ]


def test_a_second_time_nothing_is_written(saved: QuickShell, studio: FakeStudio) -> None:
    apply(saved)
    studio.calls.clear()
    studio.shares(CHEMISTRY)[("user", 102)] = "view"
    ran = saved("apply", "plan.json", "--yes")
    assert ran.status == 4
    assert ran.err
    assert studio.writes == []


def test_a_copy_of_it_counts_as_the_same(saved: QuickShell, studio: FakeStudio) -> None:
    saved.write((saved.folder / "plan.json").read_text(), "copy.json")
    apply(saved)
    studio.calls.clear()
    assert saved("apply", "copy.json", "--yes").status == 4
    assert studio.writes == []


def test_what_moved_is_skipped_and_named_and_the_rest_is_done(
    saved: QuickShell, studio: FakeStudio
) -> None:
    studio.shares(CHEMISTRY)[("user", 103)] = "view"
    ran = saved("apply", "plan.json", "--yes")
    assert ran.status == 4
    assert "Chemistry" in ran.out
    assert studio.shares(CHEMISTRY) == {("user", 102): "view", ("user", 103): "view"}
    assert studio.shares(BIOLOGY)[("group", 7)] == "edit"
    assert studio.shares(FIELD_WORK) == {("user", 105): "view"}


@pytest.mark.parametrize("owner", [101, 102], ids=["our-own", "somebody-else's"])
def test_a_collection_that_somebody_made_meanwhile_is_not_made_twice(
    saved: QuickShell, studio: FakeStudio, owner: int
) -> None:
    studio.put(5000, "Field Work", owner=owner, shares={("user", 104): "edit"})
    status, result = apply(saved)
    assert status == 4
    assert [each.name for each in studio.collections.values()].count("Field Work") == 1
    assert studio.shares(5000) == {("user", 104): "edit"}
    outcomes = {row["name"]: row["changes"][0]["outcome"] for row in result["collections"]}
    assert outcomes == {
        "Biology 101": "applied",
        "Chemistry": "applied",
        "Field Work": "not_tried",
    }


def test_another_owner_s_collection_of_that_name_is_another_where_one_is_written(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.put(5000, "Field Work", owner=102)
    rows = "- {name: Field Work, owner: 101, shares: [{user: mia@school.edu}]}\n"
    shell.write(config(studio.url, rows))
    assert shell("plan", "--out", "plan.json").status == 0
    assert apply(shell)[0] == 0
    assert [each.owner for each in studio.collections.values() if each.name == "Field Work"] == [
        102,
        101,
    ]


def test_if_everything_moved_nothing_is_written(saved: QuickShell, studio: FakeStudio) -> None:
    for id in (BIOLOGY, CHEMISTRY):
        studio.shares(id)[("user", 101)] = "edit"
    studio.shares(BIOLOGY)[("user", 105)] = "edit"
    studio.shares(CHEMISTRY)[("user", 105)] = "edit"
    studio.put(5000, "Field Work")
    assert saved("apply", "plan.json", "--yes").status == 4
    assert studio.writes == []


def test_a_collection_that_is_gone_is_skipped(saved: QuickShell, studio: FakeStudio) -> None:
    del studio.collections[CHEMISTRY]
    status, _ = apply(saved)
    assert status in {4, 5}
    assert studio.shares(BIOLOGY)[("group", 7)] == "edit"


def tampered(document: dict[str, Any]) -> None:
    document["collections"][0]["changes"][0]["permission_type"] = "view"


def foreign(document: dict[str, Any]) -> None:
    document["studio"] = "https://other.instructuremedia.com"
    document["fingerprint"] = fingerprint(document)


def another_format(document: dict[str, Any]) -> None:
    document["format"] = "reconciler.plan/2"
    document["fingerprint"] = fingerprint(document)


def without_a_key(document: dict[str, Any]) -> None:
    del document["collections"][0]["mode"]
    document["fingerprint"] = fingerprint(document)


def with_an_odd_value(document: dict[str, Any]) -> None:
    document["collections"][0]["changes"] = [7]
    document["fingerprint"] = fingerprint(document)


def with_odd_collections(document: dict[str, Any]) -> None:
    document["collections"] = "none"
    document["fingerprint"] = fingerprint(document)


def with_an_odd_time(document: dict[str, Any]) -> None:
    document["created_at"] = "2026-11-23T10:00:00"


def with_an_odd_id(document: dict[str, Any]) -> None:
    document["collections"][0]["id"] = "4711/../4712"
    document["fingerprint"] = fingerprint(document)


def with_a_string_for_an_id(document: dict[str, Any]) -> None:
    document["collections"][0]["changes"][0]["id"] = "104"
    document["fingerprint"] = fingerprint(document)


def with_an_odd_name(document: dict[str, Any]) -> None:
    document["collections"][0]["name"] = ["Biology 101"]
    document["fingerprint"] = fingerprint(document)


def with_an_odd_source(document: dict[str, Any]) -> None:
    document["collections"][0]["changes"][0]["source"] = 12
    document["fingerprint"] = fingerprint(document)


def with_an_odd_guard(document: dict[str, Any]) -> None:
    hold = {"hold": "00000000", "guard": "mood", "collection": None, "detail": "", "changes": 1}
    document["holds"] = [hold]
    document["collections"][0]["changes"][0]["hold"] = "00000000"
    document["fingerprint"] = fingerprint(document)


def with_an_odd_hold(document: dict[str, Any]) -> None:
    document["holds"] = [{"hold": {}, "guard": [], "collection": 1, "detail": None, "changes": "x"}]
    document["fingerprint"] = fingerprint(document)


@pytest.mark.parametrize(
    "change",
    [
        tampered,
        foreign,
        another_format,
        without_a_key,
        with_an_odd_value,
        with_odd_collections,
        with_an_odd_time,
        with_an_odd_id,
        with_a_string_for_an_id,
        with_an_odd_name,
        with_an_odd_hold,
        with_an_odd_source,
        with_an_odd_guard,
    ],
    ids=lambda change: change.__name__,
)
def test_a_plan_that_is_not_as_it_was_written_is_refused(
    saved: QuickShell, studio: FakeStudio, change: Callable[[dict[str, Any]], None]
) -> None:
    path = saved.folder / "plan.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    ran = saved("apply", "plan.json", "--yes")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert studio.writes == []


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", "[" * 100_000, "\x00", "version: 1"])
def test_what_is_no_plan_is_refused(saved: QuickShell, studio: FakeStudio, text: str) -> None:
    (saved.folder / "plan.json").write_text(text)
    assert saved("apply", "plan.json", "--yes").status == 1
    assert studio.calls == []


def test_bytes_that_are_no_text_are_refused(saved: QuickShell) -> None:
    (saved.folder / "plan.json").write_bytes(b"\xff\xfe\x00")
    assert saved("apply", "plan.json", "--yes").status == 1


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_plan_that_cannot_be_read_fails(saved: QuickShell, name: str) -> None:
    ran = saved("apply", name, "--yes")
    assert ran.status == 1
    assert name in ran.err


def test_a_result_is_no_plan(saved: QuickShell) -> None:
    _, result = apply(saved)
    (saved.folder / "plan.json").write_text(json.dumps(result))
    assert saved("apply", "plan.json", "--yes").status == 1


@pytest.mark.parametrize(("hours", "status"), [(23.9, 0), (24.1, 4)])
def test_after_a_day_a_plan_is_stale(
    shell: QuickShell, studio: FakeStudio, hours: float, status: int
) -> None:
    shell.write(config(studio.url, ROWS))
    with time_machine.travel("2026-11-20T10:00:00Z", tick=True):
        shell("plan", "--out", "plan.json")
    with time_machine.travel(1763632800 + 365 * 86400 + hours * 3600, tick=True):
        assert shell("apply", "plan.json", "--yes").status == status
    assert bool(studio.writes) == (status == 0)


def test_guards_judge_a_saved_plan_again(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 103}]\n"))
    shell("plan", "--out", "plan.json")
    tight = "guards: {removals: {per_collection: {count: 0, percent: 0}}}\n"
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 103}]\n", more=tight))
    ran = shell("apply", "plan.json", "--yes", "--format", "json")
    assert ran.status == 3
    assert [each["guard"] for each in ran.json["holds"]] == ["removals.per_collection"]
    assert studio.writes == []


def test_a_hold_of_a_saved_plan_is_let_through_by_its_id(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: []\n"))
    assert shell("plan", "--out", "plan.json").status == 3
    (hold,) = json.loads((shell.folder / "plan.json").read_text())["holds"]
    shell.write((shell.folder / "plan.json").read_text(), "again.json")
    ran = shell("apply", "plan.json", "--yes", "--acknowledge", hold["hold"])
    assert ran.status == 0
    assert studio.shares(BIOLOGY) == {}


def test_a_held_saved_plan_does_the_rest_and_exits_3(shell: QuickShell, studio: FakeStudio) -> None:
    rows = """
    - name: Biology 101
      shares: []
    - name: Chemistry
      shares: [{user: 102}, {user: 103}]
    """
    shell.write(config(studio.url, rows))
    shell("plan", "--out", "plan.json")
    ran = shell("apply", "plan.json", "--yes")
    assert ran.status == 3
    assert len(studio.shares(BIOLOGY)) == 3
    assert studio.shares(CHEMISTRY) == {("user", 102): "view", ("user", 103): "view"}


def test_an_empty_plan_is_a_plan(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- name: Chemistry\n  shares: [{user: 102}]\n"))
    shell("plan", "--out", "plan.json")
    assert shell("apply", "plan.json", "--yes").status == 0
    assert studio.writes == []


def test_collections_are_not_chosen_from_a_saved_plan(saved: QuickShell) -> None:
    assert saved("apply", "plan.json", "--yes", "--collection", "Chemistry").status == 64


def test_without_a_terminal_a_saved_plan_needs_yes_too(saved: QuickShell) -> None:
    assert saved("apply", "plan.json").status == 64


def test_a_plan_may_lie_anywhere(
    saved: QuickShell, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "plan.json"
    (saved.folder / "plan.json").rename(elsewhere)
    assert saved("apply", str(elsewhere), "--yes").status == 0
