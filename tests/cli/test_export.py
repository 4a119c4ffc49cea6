"""`export`: a file for the tenant that is there, and nothing else is touched."""

from __future__ import annotations

import pytest

from tests.cli.little_school import BIOLOGY, FILMS, LIN, School, school
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

__all__ = ["school"]


def test_what_is_exported_plans_to_nothing(school: School) -> None:
    assert school("export", "-o", "tenant.yaml").status == 0

    ran = school("-c", "tenant.yaml", "plan", "--detailed-exitcode", "--format", "json")

    assert ran.status == 0, ran.err
    assert ran.json["summary"] | {"unchanged": 0} == dict.fromkeys(ran.json["summary"], 0) | {
        "collections": 4
    }
    assert ran.json["warnings"] == []


def test_it_is_shown_without_a_file_to_write(school: School) -> None:
    before = sorted(school.folder.iterdir())
    ran = school("export")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("# yaml-language-server: $schema=./reconciler.schema.json\n")
    assert "      - {user: sam@school.edu, permission: edit}\n" in ran.out
    assert "Left out: 1 My Library collection, 1 course collection, 1 archived" in ran.out
    assert {*school.folder.iterdir()} - {*before} == {school.folder / "reconciler.sandbox.json"}


def test_a_file_that_is_there_is_never_overwritten(school: School) -> None:
    target = school.folder / "tenant.yaml"
    target.write_text("mine")

    ran = school("export", "-o", "tenant.yaml")

    assert ran.status == 1
    assert "tenant.yaml is there already" in ran.err
    assert target.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told(school: School) -> None:
    ran = school("export", "-o", "nowhere/tenant.yaml")

    assert ran.status == 1
    assert "nowhere/tenant.yaml could not be written" in ran.err


def test_nothing_is_written_to_the_tenant(school: School) -> None:
    school("export")

    assert school.tenant.audit == ()


def test_without_studio_the_sandbox_s_file_has_a_place_for_it(school: School) -> None:
    assert "# studio:" in school("export").out


def test_the_tenant_and_its_secrets_places_are_taken_over(
    shell: QuickShell, studio: FakeStudio
) -> None:
    more = f"state: memory/{'s' * 3}.db\n"
    shell.write(config(studio.url, "[]", more=more))

    ran = shell("export", "-o", "tenant.yaml")

    assert ran.status == 0, ran.err
    text = (shell.folder / "tenant.yaml").read_text()
    assert f"studio:\n  url: {studio.url}\n  auth:\n" in text
    assert "    access_token: {env: STUDIO_ACCESS_TOKEN}\n" in text
    assert "  requests_per_second: 1000\nstate: memory/sss.db\n" in text
    plan = shell("-c", "tenant.yaml", "plan", "--detailed-exitcode")
    assert (plan.status, plan.err) == (0, "")
    assert not any(call.method == "POST" for call in studio.calls)


def test_in_another_folder_the_state_and_secrets_are_the_same_ones(school: School) -> None:
    school.write(
        "version: 1\nmode: observe\nstudio:\n  url: https://school.test\n"
        "  auth: {access_token: {file: secrets/token}}\n"
    )
    (school.folder / "out").mkdir()

    assert school("export", "-o", "out/tenant.yaml").status == 0

    text = (school.folder / "out" / "tenant.yaml").read_text()
    assert f'{{file: "{school.folder}/secrets/token"}}' in text
    assert f'state: "{school.folder}/reconciler.db"' in text
    assert school("-c", "out/tenant.yaml", "plan", "--detailed-exitcode").status == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(
            ["--owner", "grac@school.edu"], 'did you mean "grace@school.edu"?', id="owner"
        ),
        pytest.param(
            ["--collection", "Biology 10"], 'did you mean "Biology 101"?', id="collection"
        ),
        pytest.param(["--collection", "Old Recordings"], "is archived", id="archived"),
        pytest.param(["--collection", "My Library"], "somebody's My Library", id="library"),
        pytest.param(["--collection", "4800"], "a course's own", id="course"),
    ],
)
def test_what_cannot_be_exported_is_told(school: School, arguments: list[str], told: str) -> None:
    ran = school("export", *arguments)

    assert (ran.status, ran.out) == (1, "")
    assert told in ran.err


def test_all_and_a_part_exclude_each_other(school: School) -> None:
    assert school("export", "--all").status == 0
    assert school("export", "--all", "--owner", "101").status == 64


def test_what_cannot_be_read_is_told_in_the_file_and_outside(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, "[]"))
    whole = shell("export").out
    studio.spoil = _biology_is_forbidden

    ran = shell("export")

    assert ran.status == 5
    assert "collection 4711 “Biology 101”" in ran.err
    assert "  # collection 4711 “Biology 101” could not be read: " in ran.out
    assert "- name: Biology 101" in whole
    assert "- name: Biology 101" not in ran.out


def _biology_is_forbidden(call: Call) -> Answer | None:
    forbidden = call.path.endswith(f"/collections/{BIOLOGY}/permissions")
    return Answer(403, {"error": "no"}) if forbidden else None


def test_a_hostile_name_is_only_a_name(school: School) -> None:
    evil = '"\n  - name: x\n# \x1b[2J\u202e: {a}, - '
    school.tenant.rename(FILMS, evil)
    school.tenant.unshare(BIOLOGY, LIN)

    ran = school("export", "-o", "tenant.yaml")

    assert ran.status == 0
    plan = school("-c", "tenant.yaml", "plan", "--format", "json").json
    assert evil in [each["name"] for each in plan["collections"]]
    assert plan["warnings"] == []
