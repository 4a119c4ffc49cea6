"""`access`, as typed: results to stdout, what they rest on to stderr."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.little_school import School, school
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

__all__ = ["school"]

SEEN = "what this token can see"


def test_csv_is_the_table_alone(school: School) -> None:
    ran = school("access", "--format", "csv", "--collection", "Biology 101")
    rows = list(csv.DictReader(io.StringIO(ran.out)))

    assert ran.status == 0
    assert ran.out.splitlines()[0] == (
        "collection_id,collection,principal_type,principal_id,principal,email,permission,via,in_file"
    )
    assert SEEN in ran.err
    assert [(each["principal_id"], each["via"], each["in_file"]) for each in rows] == [
        ("101", "direct", "yes"),
        ("103", "direct", "yes"),
        ("106", "direct", "no"),
        ("7", "direct", "yes"),
        ("102", "group:7", "yes"),
        ("103", "group:7", "yes"),
    ]


def test_json_has_the_rows_and_whether_they_are_all(school: School) -> None:
    ran = school("access", "--user", "sam@school.edu", "--format", "json")

    assert (ran.status, ran.json["complete"], ran.json["unreadable"]) == (0, True, [])
    assert [each["via"] for each in ran.json["rows"]] == ["direct", "group:12"]
    assert SEEN in ran.err


def test_text_says_what_it_shows(school: School) -> None:
    ran = school("access", "--group", "7")

    assert (ran.status, ran.err) == (0, "")
    assert SEEN in ran.out
    assert "Grace Hopper, grace@school.edu" in ran.out


def test_html_is_one_page(school: School) -> None:
    ran = school("access", "--format", "html")

    assert ran.status == 0
    assert ran.out.startswith("<!doctype html>")
    assert SEEN in ran.out
    assert "Student Films" in ran.out


def test_a_partial_read_shows_the_rest_and_exits_5(shell: QuickShell, studio: FakeStudio) -> None:
    def refuse(call: Call) -> Answer | None:
        gone = call.path.endswith("/4712/permissions") or "/groups/" in call.path
        return Answer(403, {"error": "no"}) if gone else None

    studio.spoil = refuse
    shell.write(config(studio.url, "[]"))
    ran = shell("access", "--format", "json")

    assert (ran.status, ran.json["complete"]) == (5, False)
    assert [each["what"] for each in ran.json["unreadable"]] == [
        "collection 4712 “Chemistry”",
        "group 7 “Biology Faculty”",
    ]
    assert "not read: collection 4712" in ran.err
    assert {each["collection_id"] for each in ran.json["rows"]} == {4711, 4712}


def test_the_lines_to_delete_for_somebody_who_left_are_told(school: School) -> None:
    ran = school("access", "--user", "lin@school.edu", "--in-file")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "config.yaml:9  collection “Biology 101”  lin@school.edu  edit\n1 line of the file.\n"
    )
    as_csv = school("access", "--user", "103", "--in-file", "--format", "csv").out
    assert as_csv.splitlines()[0] == "source,where,who,permission"
    as_json = school("access", "--user", "103", "--in-file", "--format", "json").json
    assert as_json["lines"][0]["source"] == "config.yaml:9"


def test_nothing_is_written_and_no_state_is_made(school: School) -> None:
    school("access")

    assert school.tenant.audit == ()
    assert not list(school.folder.glob("*.db"))


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        pytest.param(["--user", "lin@school.ed"], 1, "lin@school.edu", id="nobody"),
        pytest.param(["--group", "Media Tea"], 1, "Media Team", id="no-group"),
        pytest.param(["--collection", "Biology 11"], 1, "Biology 101", id="no-collection"),
        pytest.param(["--in-file"], 64, "--user", id="in-file-of-nobody"),
        pytest.param(["--in-file", "--user", "1", "--group", "7"], 64, "--group", id="too-much"),
        pytest.param(["--in-file", "--user", "1", "--format", "html"], 64, "HTML", id="no-page"),
        pytest.param(["--format", "xml"], 64, "xml", id="no-such-format"),
    ],
)
def test_what_cannot_be_answered_is_told(
    school: School, arguments: list[str], status: int, told: str
) -> None:
    ran = school("access", *arguments)

    assert (ran.status, ran.out) == (status, "")
    assert told in ran.err
