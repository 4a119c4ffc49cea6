"""What `plan` tells beyond its rows: causes, whose access changes, what expires soon."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.little_school import BIOLOGY, GUEST, SAM, TERM_BEGINS, School, school
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

__all__ = ["school"]

BEFORE = TERM_BEGINS
AFTER = TERM_BEGINS.replace(
    "      - {user: grace@school.edu}\n",
    "      - {user: grace@school.edu, permission: edit}\n      - {user: mia@school.edu}\n",
)
NEW = "  - name: Chemistry\n    shares: [{user: lin@school.edu}]\n"


@pytest.fixture
def agreed(school: School) -> School:
    """The file before the edit is carried out, and kept beside."""
    school.apply()
    _keep(school, BEFORE)
    return school


def _keep(school: School, text: str) -> Path:
    path = school.folder / "before.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def causes(school: School, *more: str) -> dict[str, str]:
    ran = school("plan", "--base", "before.yaml", "--format", "json", *more)
    changes = (change for each in ran.json["collections"] for change in each["changes"])
    return {each["who"]: each["cause"] for each in changes}


# --- causes -----------------------------------------------------------------------


def test_against_the_same_file_all_is_drift(agreed: School) -> None:
    agreed.tenant.share(BIOLOGY, GUEST)
    agreed.tenant.share(BIOLOGY, SAM, "edit")

    assert causes(agreed) == {"guest@partner.edu": "drift", "sam@school.edu": "drift"}


def test_from_an_agreed_tenant_all_is_the_edit_s_doing(agreed: School) -> None:
    agreed.write(AFTER)

    assert causes(agreed) == {"grace@school.edu": "file", "mia@school.edu": "file"}


def test_an_edit_and_drift_are_told_apart_in_every_format(agreed: School) -> None:
    agreed.write(AFTER + NEW)
    agreed.tenant.share(BIOLOGY, GUEST)

    assert causes(agreed) == {
        "grace@school.edu": "file",
        "mia@school.edu": "file",
        "guest@partner.edu": "drift",
        "lin@school.edu": "file",
    }
    for format_ in ("text", "markdown", "html", "github"):
        ran = agreed("plan", "--base", "before.yaml", "--format", format_)
        assert (ran.status, ran.err) == (0, "")
        assert "3 by this change, 1 drifted" in ran.out


def test_causes_go_with_a_collection_asked_for(agreed: School) -> None:
    agreed.write(AFTER + NEW)

    assert causes(agreed, "--collection", "Chemistry") == {"lin@school.edu": "file"}


def test_without_a_base_there_are_no_causes(agreed: School) -> None:
    agreed.write(AFTER)
    ran = agreed("plan", "--format", "json")

    assert "cause" not in ran.out
    assert "by this change" not in agreed("plan").out


def test_a_plan_with_causes_can_be_saved_and_carried_out(agreed: School) -> None:
    agreed.write(AFTER)
    agreed("plan", "--base", "before.yaml", "--out", "plan.json")
    ran = agreed("apply", "plan.json", "--yes")

    assert ran.status == 0, ran.err
    assert agreed("plan", "--detailed-exitcode").status == 0


def test_a_broken_base_is_told_at_its_own_place_and_nothing_is_planned(agreed: School) -> None:
    _keep(agreed, BEFORE.replace("mode:", "mood:"))
    ran = agreed("plan", "--base", "before.yaml")

    assert (ran.status, ran.out) == (78, "")
    assert "before.yaml:3:1: " in ran.err
    assert "config.yaml" not in ran.err


def test_a_base_that_is_not_there_is_told_by_its_name(agreed: School) -> None:
    ran = agreed("plan", "--base", "nowhere.yaml")

    assert ran.status == 78
    assert "nowhere.yaml" in ran.err


def test_with_a_base_nothing_is_asked_twice(shell: QuickShell, studio: FakeStudio) -> None:
    rows = "- name: Biology 101\n  shares: [{user: 103}, {user: nobody@school.edu}]\n"
    shell.write(config(studio.url, rows))
    shell.write(config(studio.url, rows.replace("103", "104")), "before.yaml")
    assert shell("plan", "--base", "before.yaml", "--format", "json").status == 3

    asked = [(call.path, tuple(call.query.items())) for call in studio.calls]
    assert len(asked) == len(set(asked))


# --- people -----------------------------------------------------------------------


def test_people_are_counted_through_their_groups(school: School) -> None:
    school.write(TERM_BEGINS.replace("{group: 7}", "{group: 12}"))

    # Mia comes in with the Media Team, and so does Sam, whose own edit goes. Grace keeps by her
    # own share what the Biology Faculty gave her; Lin's own is raised.
    assert "1 person gains access, 1 is raised to edit, 1 is lowered to view" in school("plan").out


def test_a_group_that_cannot_be_read_is_named_and_fails_nothing(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 103}, {group: 7}]\n"))
    for format_ in ("text", "markdown", "html"):
        ran = shell("plan", "--format", format_)
        assert (ran.status, ran.err) == (0, "")
        assert "members of 1 group could not be read: “Biology Faculty”" in ran.out


@pytest.mark.parametrize("status", [401, 403])
def test_whatever_happens_to_the_groups_the_plan_is_shown(
    shell: QuickShell, studio: FakeStudio, status: int
) -> None:
    def spoil(call: Call) -> Answer | None:
        return Answer(status, {"error": "no"}) if "/groups/" in call.path else None

    studio.spoil = spoil
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 103}, {group: 7}]\n"))
    ran = shell("plan")

    assert ran.status == 0
    assert "“Biology Faculty”)" in ran.out


def groups_asked(studio: FakeStudio) -> int:
    return sum("/groups/" in call.path for call in studio.calls)


def test_groups_are_read_once_whatever_is_written(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 103}, {group: 7}]\n"))
    shell("plan", "--out", "a.md", "--out", "b.html", "--format", "text")

    assert groups_asked(studio) == 1


@pytest.mark.parametrize("format_", ["json", "github"])
def test_formats_that_tell_no_people_read_no_groups(
    shell: QuickShell, studio: FakeStudio, format_: str
) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 103}, {group: 7}]\n"))
    shell("plan", "--format", format_)
    shell("plan", "--out", "plan.json")

    assert groups_asked(studio) == 0


def test_in_agreement_no_groups_are_read(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- name: Chemistry\n  shares: [{user: grace@school.edu}]\n"))
    shell("plan")

    assert groups_asked(studio) == 0


# --- what expires -----------------------------------------------------------------


def test_what_expires_soon_is_shown_and_is_no_part_of_the_document(school: School) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=9)
    dated = TERM_BEGINS.replace("{user: grace@school.edu}", f"{{user: 102, until: {soon}}}")
    school.write(dated)
    ends = f"{soon + timedelta(days=1)}T00:00Z"

    for format_ in ("text", "markdown", "html"):
        shown = school("plan", "--format", format_).out
        assert "Expiring within 30 days" in shown
        assert ends in shown
    document = json.dumps(school("plan", "--format", "json").json)
    assert ends not in document
    assert "expiring" not in document
