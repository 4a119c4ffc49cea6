"""`find`, as typed."""

from __future__ import annotations

import pytest

from tests.cli.little_school import School, school
from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell, config

__all__ = ["school"]


def test_ids_are_shown_to_paste(school: School) -> None:
    ran = school("find", "films")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "id: 4750  Student Films  owner user:104\n"


def test_json_has_a_list_of_each_kind(school: School) -> None:
    ran = school("find", "bio", "--format", "json")

    assert ran.status == 0
    assert [each["id"] for each in ran.json["groups"]] == [7]
    assert ran.json["users"] == []


def test_what_is_nowhere_is_told_and_no_failure(school: School) -> None:
    ran = school("find", "zeb\x1bra")

    assert (ran.status, ran.out) == (0, "")
    assert "nothing that this token can see is called “zeb\\x1bra”" in ran.err


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_to_look_for_is_a_mistake(school: School, text: str) -> None:
    assert school("find", text).status == 64


def test_a_tenant_without_search_is_told(shell: QuickShell, studio: FakeStudio) -> None:
    studio.search = False
    shell.write(config(studio.url, "[]"))
    ran = shell("find", "lin@school.edu")

    assert ran.status == 5
    assert "user:103" in ran.out
    assert "not read: the search for people" in ran.err


def test_nothing_is_written(school: School) -> None:
    school("find", "bio")

    assert school.tenant.audit == ()
