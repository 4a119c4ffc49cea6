"""What no pass may touch, and what it says of it: asked of the tenant afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell, config


def plan(shell: QuickShell, status: int = 0) -> Any:  # noqa: ANN401 - JSON is
    ran = shell("plan", "--format", "json")
    assert ran.status == status, ran
    return ran.json


def why(document: Any) -> dict[tuple[str, int], str]:  # noqa: ANN401 - as above
    return {
        (each["share_type"], each["id"]): each["why"]
        for row in document["collections"]
        for each in row["left_alone"]
    }


def codes(document: Any) -> list[tuple[str, str | None]]:  # noqa: ANN401 - as above
    return [(each["code"], each["source"]) for each in document["warnings"]]


def test_the_owner_and_the_token_s_own_user(shell: QuickShell, studio: FakeStudio) -> None:
    studio.owner_in_list = True
    studio.put(5000, "Shared With Us", owner=102, shares={("user", 101): "edit"})
    shell.write(config(studio.url, "- {name: Shared With Us, allow_empty: true, shares: []}\n"))
    assert why(plan(shell)) == {("user", 102): "owner", ("user", 101): "self"}
    assert shell("apply", "--yes").status == 0
    assert studio.writes == []


def test_a_line_about_the_owner_is_no_change(shell: QuickShell, studio: FakeStudio) -> None:
    rows = "- {name: Chemistry, shares: [{user: 101, permission: view}, {user: 102}]}\n"
    shell.write(config(studio.url, rows))
    assert plan(shell)["summary"]["create"] == 0
    assert shell("apply", "--yes").status == 0
    assert studio.writes == []


def test_the_own_user_is_told_where_the_service_does_not(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.my_library = False
    studio.put(5000, "Shared With Us", owner=102, shares={("user", 101): "edit"})
    rows = "- {name: Shared With Us, allow_empty: true, shares: []}\n"
    shell.write(config(studio.url, rows).replace("  auth", "  me: 101\n  auth"))
    assert why(plan(shell)) == {("user", 101): "self"}


@pytest.mark.parametrize("word", ["manage", "OWNER", "", None, 7, "comment"])
def test_a_word_we_do_not_write(shell: QuickShell, studio: FakeStudio, word: Any) -> None:  # noqa: ANN401
    studio.shares(4712)[("user", 103)] = word
    shell.write(config(studio.url, "- {name: Chemistry, shares: [{user: 102}]}\n"))
    shell("apply", "--yes")
    assert studio.shares(4712)[("user", 103)] == word
    assert studio.writes == []


def test_a_word_we_do_not_write_is_not_lowered_either(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.shares(4712)[("user", 103)] = "manage"
    rows = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
    shell.write(config(studio.url, rows))
    assert why(plan(shell)) == {("user", 103): "foreign"}
    shell("apply", "--yes")
    assert studio.writes == []


@pytest.mark.parametrize("type_", ["user", "course_wide"])
def test_libraries_and_course_collections_are_touched_only_by_id(
    shell: QuickShell, studio: FakeStudio, type_: str
) -> None:
    studio.put(5000, "Special", owner=101, shares={("user", 102): "view"}).type = type_
    shell.write(config(studio.url, "- {name: Special, create: false, shares: [{user: 103}]}\n"))
    shell("apply", "--yes")
    assert studio.shares(5000) == {("user", 102): "view"}
    shell.write(config(studio.url, "- {name: Special, id: 5000, shares: [{user: 103}]}\n"))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(5000) == {("user", 103): "view"}


@pytest.mark.parametrize("pin", ["", "id: 5000, "])
def test_an_archived_collection_is_ignored_and_none_is_created(
    shell: QuickShell, studio: FakeStudio, pin: str
) -> None:
    studio.put(5000, "Old", shares={("user", 102): "view"}).archived_at = "2026-01-01T00:00:00Z"
    shell.write(config(studio.url, f"- {{name: Old, {pin}shares: [{{user: 103}}]}}\n"))
    document = plan(shell)
    assert document["collections"][0]["status"] == "ignored"
    assert document["summary"]["create_collection"] == 0
    assert shell("apply", "--yes").status == 0
    assert studio.writes == []


def test_of_two_collections_of_a_name_neither_is_touched(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.put(5000, "Chemistry", owner=103)
    shell.write(config(studio.url, "- {name: Chemistry, shares: [{user: 105}]}\n"))
    document = plan(shell)
    assert document["collections"][0]["status"] == "ambiguous"
    assert [source for _, source in codes(document)] == ["config.yaml:8"]
    assert all(id in document["warnings"][0]["message"] for id in ("4712", "5000"))
    assert shell("apply", "--yes").status == 0
    assert studio.writes == []
    shell.write(config(studio.url, "- {name: Chemistry, owner: 103, shares: [{user: 105}]}\n"))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(5000) == {("user", 105): "view"}


def test_names_compare_exactly(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- {name: chemistry, create: false, shares: [{user: 105}]}\n"))
    assert plan(shell)["collections"][0]["status"] == "missing"


def test_two_entries_that_meet_are_left_alone(shell: QuickShell, studio: FakeStudio) -> None:
    rows = """
    - {name: Chemistry, shares: [{user: 105}]}
    - {name: Chem, id: 4712, shares: [{user: 104}]}
    """
    shell.write(config(studio.url, rows))
    document = plan(shell)
    assert document["summary"]["create"] == document["summary"]["destroy"] == 0
    told = str(document["warnings"]) + str([row["reason"] for row in document["collections"]])
    assert ":8" in told
    assert ":9" in told
    shell("apply", "--yes")
    assert studio.writes == []


def test_two_names_of_one_person_are_left_alone(shell: QuickShell, studio: FakeStudio) -> None:
    rows = """
    - name: Chemistry
      shares:
        - {user: grace@school.edu, permission: view}
        - {user: 102, permission: edit}
    """
    shell.write(config(studio.url, rows))
    document = plan(shell)
    assert document["summary"]["update"] == document["summary"]["destroy"] == 0
    assert "config.yaml:10" in str(document["warnings"])
    assert "config.yaml:11" in str(document["warnings"])
    shell("apply", "--yes")
    assert studio.shares(4712) == {("user", 102): "view"}


def test_a_missing_person_is_a_warning_and_stops_nothing_else(
    shell: QuickShell, studio: FakeStudio
) -> None:
    rows = """
    - name: Chemistry
      shares: [{user: grace@school.edu}, {user: new@school.edu}, {user: mia@school.edu}]
    """
    shell.write(config(studio.url, rows))
    document = plan(shell)
    assert codes(document) == [("unresolved-user", "config.yaml:9")]
    assert document["summary"]["unresolved"] == 1
    assert document["holds"] == []
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4712) == {("user", 102): "view", ("user", 105): "view"}


def test_a_missing_person_holds_the_removals_of_that_collection(
    shell: QuickShell, studio: FakeStudio
) -> None:
    rows = """
    - name: Chemistry
      shares: [{user: new@school.edu}, {user: mia@school.edu}]
    - name: Biology 101
      shares: [{user: 103}, {user: 104, permission: edit}]
    """
    shell.write(config(studio.url, rows))
    (hold,) = plan(shell, status=3)["holds"]
    assert (hold["guard"], hold["collection"], hold["changes"]) == ("unresolved", "Chemistry", 1)
    assert shell("apply", "--yes").status == 3
    assert studio.shares(4712) == {("user", 102): "view", ("user", 105): "view"}
    assert ("group", 7) not in studio.shares(4711)
    assert shell("apply", "--yes", "--acknowledge", hold["hold"]).status == 0
    assert studio.shares(4712) == {("user", 105): "view"}


def test_of_two_people_of_one_address_none_is_taken(shell: QuickShell, studio: FakeStudio) -> None:
    studio.people[301] = studio.people[302] = "twin@school.edu"
    shell.write(
        config(studio.url, "- {name: Chemistry, shares: [{user: 102}, {user: Twin@school.edu}]}\n")
    )
    document = plan(shell)
    assert [code for code, _ in codes(document)] == ["ambiguous-user"]
    assert "301" in document["warnings"][0]["message"]
    assert "302" in document["warnings"][0]["message"]


def test_a_group_that_nobody_has_seen(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- {name: Chemistry, shares: [{user: 102}, {group: Nobody}]}\n"))
    assert codes(plan(shell)) == [("unresolved-group", "config.yaml:8")]


def test_the_directory_goes_before_what_is_seen(shell: QuickShell, studio: FakeStudio) -> None:
    more = "directory: {groups: {Biology Faculty: 12}, users: {grace@school.edu: 104}}\n"
    rows = "- {name: Chemistry, shares: [{group: Biology Faculty}, {user: grace@school.edu}]}\n"
    shell.write(config(studio.url, rows, more=more))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4712) == {("group", 12): "view", ("user", 104): "view"}


def test_user_and_group_ids_are_separate(shell: QuickShell, studio: FakeStudio) -> None:
    studio.people[7] = "seven@school.edu"
    studio.collections[4711].shares = {("group", 7): "view"}
    shell.write(config(studio.url, "- {name: Biology 101, shares: [{user: 7}]}\n"))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4711) == {("user", 7): "view"}


def test_a_collection_renamed_by_hand_is_that_collection(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, "- {name: Chemistry, shares: [{user: 102}]}\n"))
    assert shell("apply", "--yes").status == 0
    studio.collections[4712].name = "Chemistry (old)"
    studio.shares(4712)[("user", 103)] = "view"
    document = plan(shell)
    assert document["collections"][0]["id"] == 4712
    assert document["summary"]["create_collection"] == 0
    assert any(
        "4712" in each["message"] and "id" in each["message"] for each in document["warnings"]
    )
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4712) == {("user", 102): "view"}
    assert len(studio.collections) == 2


def test_a_collection_taken_out_of_the_file_is_released(
    shell: QuickShell, studio: FakeStudio
) -> None:
    kept = "- {name: Chemistry, shares: [{user: 102}]}\n"
    shell.write(config(studio.url, kept + "- {name: Field Work, shares: [{user: 102}]}\n"))
    assert shell("apply", "--yes").status == 0
    studio.calls.clear()
    shell.write(config(studio.url, kept))
    document = plan(shell)
    assert [code for code, _ in codes(document)] == ["collection-released"]
    assert shell("apply", "--yes").status == 0
    assert studio.shares(9001) == {("user", 102): "view"}
    assert studio.writes == []


def test_an_empty_list_on_a_collection_without_shares_is_no_matter(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.collections[4712].shares = {}
    shell.write(config(studio.url, "- {name: Chemistry, shares: []}\n- {name: New, shares: []}\n"))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(9001) == {}


def test_allow_empty_allows_it(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- {name: Biology 101, allow_empty: true, shares: []}\n"))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4711) == {}


def test_a_direct_share_overrides_a_set_s_and_the_stronger_set_wins(
    shell: QuickShell, studio: FakeStudio
) -> None:
    sets = """
    share_sets:
      one: [{user: 103, permission: edit}, {user: 104}]
      two: [{user: 104, permission: edit}, {user: 105, permission: edit}]
    """
    rows = """
    - name: Chemistry
      share_sets: [one, two]
      shares: [{user: 103, permission: view}]
    """
    shell.write(config(studio.url, rows, more=sets))
    assert shell("apply", "--yes").status == 0
    assert studio.shares(4712) == {
        ("user", 103): "view",
        ("user", 104): "edit",
        ("user", 105): "edit",
    }
