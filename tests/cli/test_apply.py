"""`apply`: what reaches the tenant, in which requests, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

BIOLOGY = """
- name: Biology 101
  shares:
    - {user: omar@school.edu}
    - {group: Biology Faculty, permission: edit}
    - {user: mia@school.edu, permission: edit}
- name: Field Work
  owner: grace@school.edu
  shares:
    - {user: 103, permission: edit}
"""
MANY = """
- name: Biology 101
  mode: additive
  shares: [{user: 201}, {user: 202}, {user: 203}, {user: 204}, {user: 205}]
"""


def actions(call: Call) -> list[Any]:
    body = call.body["permissions"] if isinstance(call.body, dict) else call.body
    assert isinstance(body, list)
    return body


@pytest.fixture
def biology(shell: QuickShell, studio: FakeStudio) -> QuickShell:
    shell.write(config(studio.url, BIOLOGY))
    return shell


@pytest.fixture
def many(shell: QuickShell, studio: FakeStudio) -> QuickShell:
    studio.people |= dict.fromkeys(range(201, 206))
    shell.write(config(studio.url, MANY))
    return shell


def test_the_tenant_becomes_what_the_file_says(biology: QuickShell, studio: FakeStudio) -> None:
    assert biology("apply", "--yes").status == 0
    assert studio.shares(4711) == {
        ("user", 104): "view",
        ("group", 7): "edit",
        ("user", 105): "edit",
    }
    assert studio.collections[9001].name == "Field Work"
    assert studio.collections[9001].owner == 102
    assert studio.shares(9001) == {("user", 103): "edit"}
    assert biology("plan", "--detailed-exitcode").status == 0


def test_what_the_file_does_not_name_stays_as_it_is(
    biology: QuickShell, studio: FakeStudio
) -> None:
    biology("apply", "--yes")
    assert studio.shares(4712) == {("user", 102): "view"}
    assert not [call for call in studio.calls if "4712" in call.path]


def test_the_actions_are_spelt_as_the_service_has_them(
    biology: QuickShell, studio: FakeStudio
) -> None:
    biology("apply", "--yes")
    (shares,) = [call for call in studio.writes if call.path.endswith("/4711/permissions")]
    assert actions(shares) == [
        {"action": "create", "share_type": "user", "id": 105, "permission_type": "edit"},
        {"action": "update", "share_type": "group", "id": 7, "permission_type": "edit"},
        {"action": "update", "share_type": "user", "id": 104, "permission_type": "view"},
        {"action": "destroy", "share_type": "user", "id": 103},
    ]
    (creation,) = [call for call in studio.writes if call.path.endswith("/collections")]
    assert creation.query == {"name": "Field Work", "user_id": "102"}


def test_a_clean_apply_reads_nothing_twice(biology: QuickShell, studio: FakeStudio) -> None:
    biology("apply", "--yes")
    reads = [(call.path, str(call.query)) for call in studio.calls if not call.is_write]
    assert len(reads) == len(set(reads))


def test_a_second_apply_writes_nothing(biology: QuickShell, studio: FakeStudio) -> None:
    biology("apply", "--yes")
    studio.calls.clear()
    assert biology("apply", "--yes").status == 0
    assert studio.writes == []


def test_without_a_terminal_it_needs_yes_and_asks_the_service_nothing(
    biology: QuickShell, studio: FakeStudio
) -> None:
    ran = biology("apply")
    assert (ran.status, ran.out) == (64, "")
    assert "--yes" in ran.err
    assert studio.calls == []


def test_the_result_is_the_plan_with_outcomes(biology: QuickShell) -> None:
    ran = biology("apply", "--yes", "--format", "json")
    result = ran.json
    assert ran.err == ""
    assert result["format"] == "reconciler.result/1"
    assert set(result) == set(biology("plan", "--format", "json").json)
    first, second = result["collections"]
    assert {(each["outcome"], each["error"]) for each in first["changes"]} == {("applied", None)}
    assert "outcome" not in first
    assert (second["action"], second["id"], second["outcome"]) == ("create", 9001, "applied")
    assert result["summary"]["create"] == 2


def test_only_the_collections_asked_for_are_touched(
    biology: QuickShell, studio: FakeStudio
) -> None:
    before = dict(studio.shares(4711))
    assert biology("apply", "--yes", "--collection", "Field Work").status == 0
    assert studio.shares(4711) == before
    assert studio.shares(9001) == {("user", 103): "edit"}


@pytest.mark.parametrize(("size", "requests"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5])])
def test_a_batch_holds_so_many_actions(
    many: QuickShell, studio: FakeStudio, size: int, requests: list[int]
) -> None:
    path = many.folder / "config.yaml"
    path.write_text(path.read_text().replace("  requests", f"  batch_size: {size}\n  requests"))
    assert many("apply", "--yes").status == 0
    assert [len(actions(call)) for call in studio.writes] == requests


@pytest.mark.parametrize("body", ["array", "wrapped"])
def test_the_body_is_what_the_file_says(many: QuickShell, studio: FakeStudio, body: str) -> None:
    studio.wrapped = body == "wrapped"
    path = many.folder / "config.yaml"
    path.write_text(
        path.read_text().replace("  requests", f"  permissions_body: {body}\n  requests")
    )
    assert many("apply", "--yes").status == 0
    assert isinstance(studio.writes[0].body, dict if body == "wrapped" else list)
    assert ("user", 205) in studio.shares(4711)


@pytest.mark.parametrize("way", ["atomic", "prefix", "partial"])
def test_one_bad_action_costs_the_others_nothing(
    many: QuickShell, studio: FakeStudio, way: str
) -> None:
    studio.refused_batch = way
    del studio.people[203]
    ran = many("apply", "--yes", "--format", "json")
    assert ran.status == 5
    outcomes = {each["id"]: each["outcome"] for each in ran.json["collections"][0]["changes"]}
    assert outcomes == {
        201: "applied",
        202: "applied",
        203: "failed",
        204: "applied",
        205: "applied",
    }
    assert {id for kind, id in studio.shares(4711) if kind == "user" and id > 200} == {
        201,
        202,
        204,
        205,
    }
    text = many("apply", "--yes")
    assert text.status == 5
    assert "203" in text.out


def test_an_answer_that_is_lost_is_looked_up_and_not_repeated(
    many: QuickShell, studio: FakeStudio
) -> None:
    lost = iter([True])

    def lose(call: Call) -> Answer | None:
        if not call.is_write or not next(lost, False):
            return None
        studio.collections[4711].shares |= {("user", each["id"]): "view" for each in call.body}
        return Answer(502, "<html>bad gateway</html>")

    studio.spoil = lose
    ran = many("apply", "--yes", "--format", "json")
    assert ran.status == 0
    assert {each["outcome"] for each in ran.json["collections"][0]["changes"]} == {"applied"}
    assert len(studio.writes) == 1


def test_a_creation_whose_answer_is_lost_is_never_made_twice(
    shell: QuickShell, studio: FakeStudio
) -> None:
    lost = iter([True])

    def lose(call: Call) -> Answer | None:
        if call.route != "POST /collections" or not next(lost, False):
            return None
        studio.put(9001, call.query["name"])
        return Answer(502, "")

    studio.spoil = lose
    shell.write(config(studio.url, "- name: Field Work\n  shares: [{user: 102}]\n"))
    assert shell("apply", "--yes").status == 0
    assert [each.name for each in studio.collections.values()].count("Field Work") == 1
    assert studio.shares(9001) == {("user", 102): "view"}


def test_a_token_that_may_not_write_fails_what_it_tried(
    biology: QuickShell, studio: FakeStudio
) -> None:
    studio.spoil = lambda call: Answer(403, {"error": "no"}) if call.is_write else None
    before = dict(studio.shares(4711))
    ran = biology("apply", "--yes", "--format", "json")
    assert ran.status == 5
    outcomes = [each["outcome"] for row in ran.json["collections"] for each in row["changes"]]
    assert "applied" not in outcomes
    assert all(each["error"] for row in ran.json["collections"] for each in row["changes"])
    assert studio.shares(4711) == before


def test_a_hold_is_let_through_on_the_command_line(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: []\n"))
    held = shell("apply", "--yes", "--format", "json")
    (hold,) = held.json["holds"]
    assert held.status == 3
    assert studio.writes == []
    assert hold["guard"] == "allow_empty"
    assert shell("apply", "--yes", "--acknowledge", hold["hold"]).status == 0
    assert studio.shares(4711) == {}


@pytest.mark.parametrize(("until", "status"), [("2099-01-01", 0), ("2020-01-01", 3)])
def test_a_hold_is_let_through_in_the_file_for_a_time(
    shell: QuickShell, studio: FakeStudio, until: str, status: int
) -> None:
    rows = "- name: Biology 101\n  shares: []\n"
    shell.write(config(studio.url, rows))
    (hold,) = shell("plan", "--format", "json").json["holds"]
    written = f'acknowledge: [{{hold: {hold["hold"]}, until: {until}, reason: "term is over"}}]\n'
    shell.write(config(studio.url, rows, more=written))
    assert shell("plan").status == status
    assert shell("apply", "--yes").status == status
    assert (studio.shares(4711) == {}) == (status == 0)


def test_acknowledging_what_is_not_there_is_a_warning(biology: QuickShell) -> None:
    ran = biology("apply", "--yes", "--acknowledge", "deadbeef", "--format", "json")
    assert ran.status == 0
    assert [each["code"] for each in ran.json["warnings"]] == ["acknowledge-unknown"]


def test_what_a_guard_holds_keeps_nothing_else_from_being_done(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(
        config(
            studio.url,
            """
            - name: Biology 101
              shares: []
            - name: Chemistry
              shares: [{user: mia@school.edu}, {user: grace@school.edu}]
            """,
        )
    )
    before = dict(studio.shares(4711))
    assert shell("apply", "--yes").status == 3
    assert studio.shares(4711) == before
    assert studio.shares(4712) == {("user", 102): "view", ("user", 105): "view"}


def test_run_once_is_a_pass_without_questions(biology: QuickShell, studio: FakeStudio) -> None:
    assert biology("run", "--once").status == 0
    assert studio.shares(9001) == {("user", 103): "edit"}


def test_run_once_observing_never_writes(biology: QuickShell, studio: FakeStudio) -> None:
    ran = biology("run", "--once", "--observe")
    assert ran.status == 0
    assert "Field Work" in ran.out
    assert studio.writes == []


def test_a_paused_run_plans_and_does_not_write(shell: QuickShell, studio: FakeStudio) -> None:
    paused = "schedule: {every: 15m, pause_until: 2099-01-01T08:00}\n"
    shell.write(config(studio.url, BIOLOGY, more=paused))
    ran = shell("run", "--once")
    assert ran.status == 0
    assert "Field Work" in ran.out
    assert studio.writes == []


def test_an_end_of_the_token_midway_is_told(biology: QuickShell, studio: FakeStudio) -> None:
    studio.spoil = lambda call: Answer(401, "") if call.is_write else None
    ran = biology("apply", "--yes", "--format", "json")
    assert ran.status in {1, 5}
    assert studio.shares(4711)[("user", 103)] == "view"


def test_going_too_fast_is_waited_out(many: QuickShell, studio: FakeStudio) -> None:
    busy = iter([True])

    def too_fast(call: Call) -> Answer | None:
        if call.is_write and next(busy, False):
            return Answer(429, "", {"Retry-After": "0"})
        return None

    studio.spoil = too_fast
    assert many("apply", "--yes").status == 0
    assert ("user", 205) in studio.shares(4711)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_whatever_the_service_refuses_with_the_bad_action_is_named(
    many: QuickShell, studio: FakeStudio, status: int
) -> None:
    def refuse(call: Call) -> Answer | None:
        if not call.is_write:
            return None
        answer = studio.act(call)
        return replace(answer, status=status) if answer.status == 400 else answer

    studio.spoil = refuse
    del studio.people[203]
    ran = many("apply", "--yes", "--format", "json")
    assert ran.status == 5
    bad = [
        each["id"]
        for each in ran.json["collections"][0]["changes"]
        if each["outcome"] != "applied" and each["error"]
    ]
    assert bad == [203]


def test_a_redirect_is_not_followed_with_a_write(many: QuickShell, studio: FakeStudio) -> None:
    elsewhere = {"Location": f"{studio.url}/elsewhere"}
    studio.spoil = lambda call: Answer(307, "", elsewhere) if call.is_write else None
    assert many("apply", "--yes").status == 5
    assert not [call for call in studio.calls if "elsewhere" in call.path]


def test_what_was_let_through_counts_in_the_day_s(shell: QuickShell, studio: FakeStudio) -> None:
    tight = "guards: {removals: {per_collection: {count: 0}, per_day: {count: 1}}}\n"
    shell.write(config(studio.url, "- {name: Biology 101, shares: [{user: 103}]}\n", more=tight))
    (hold,) = shell("plan", "--format", "json").json["holds"]
    assert hold["changes"] == 2
    assert shell("apply", "--yes", "--acknowledge", hold["hold"]).status == 0
    more = "guards: {removals: {per_collection: null, per_day: {count: 1}}}\n"
    shell.write(config(studio.url, "- {name: Chemistry, shares: [{user: 103}]}\n", more=more))
    assert [each["guard"] for each in shell("plan", "--format", "json").json["holds"]] == [
        "removals.per_day"
    ]
