"""`plan`: what it shows, in which shape, and that it only looks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine

from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell, config

BIOLOGY = """
- name: Biology 101
  shares:
    - {user: lin@school.edu}
    - {user: omar@school.edu, permission: view}
    - {group: Biology Faculty, permission: edit, reason: teaches it}
    - {user: mia@school.edu}
- name: Field Work
  owner: grace@school.edu
  shares:
    - {user: 103, permission: edit}
"""
AGREED = """
- name: Chemistry
  shares: [{user: grace@school.edu}]
"""


@pytest.fixture
def biology(shell: QuickShell, studio: FakeStudio) -> QuickShell:
    shell.write(config(studio.url, BIOLOGY))
    return shell


def test_the_document_has_the_contract_s_shape(biology: QuickShell, studio: FakeStudio) -> None:
    plan = biology("plan", "--format", "json").json
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", plan.pop("id"))
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", plan.pop("fingerprint"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", plan.pop("created_at"))
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", plan["config"].pop("digest"))
    prints = [each.pop("observed_fingerprint") for each in plan["collections"]]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", prints[0])
    assert prints[1] is None
    changes = [
        {
            "action": "create",
            "share_type": "user",
            "id": 105,
            "who": "mia@school.edu",
            "before": None,
            "permission_type": "view",
            "source": "config.yaml:13",
            "reason": None,
            "hold": None,
        },
        {
            "action": "update",
            "share_type": "group",
            "id": 7,
            "who": "Biology Faculty",
            "before": "view",
            "permission_type": "edit",
            "source": "config.yaml:12",
            "reason": "teaches it",
            "hold": None,
        },
        {
            "action": "update",
            "share_type": "user",
            "id": 104,
            "who": "omar@school.edu",
            "before": "edit",
            "permission_type": "view",
            "source": "config.yaml:11",
            "reason": None,
            "hold": None,
        },
    ]
    born = {
        "action": "create",
        "share_type": "user",
        "id": 103,
        "who": "lin@school.edu",
        "before": None,
        "permission_type": "edit",
        "source": "config.yaml:17",
        "reason": None,
        "hold": None,
    }
    assert plan == {
        "format": "reconciler.plan/1",
        "studio": studio.url,
        "config": {"path": "config.yaml", "commit": None},
        "summary": {
            "collections": 2,
            "create_collection": 1,
            "create": 2,
            "update": 2,
            "destroy": 0,
            "held": 0,
            "unchanged": 1,
            "unresolved": 0,
            "unreadable": 0,
        },
        "collections": [
            {
                "name": "Biology 101",
                "id": 4711,
                "owner_id": 101,
                "action": "none",
                "hold": None,
                "mode": "authoritative",
                "status": "ok",
                "reason": None,
                "left_alone": [],
                "changes": changes,
            },
            {
                "name": "Field Work",
                "id": None,
                "owner_id": 102,
                "action": "create",
                "hold": None,
                "mode": "authoritative",
                "status": "ok",
                "reason": None,
                "left_alone": [],
                "changes": [born],
            },
        ],
        "holds": [],
        "warnings": [],
    }


def test_two_plans_of_one_state_differ_in_id_and_times_alone(biology: QuickShell) -> None:
    first, second = (biology("plan", "--format", "json").out for _ in range(2))
    assert first != second
    assert without_identity(first) == without_identity(second)


def without_identity(text: str) -> str:
    return re.sub(r'^  "(id|created_at)": .*\n', "", text, flags=re.MULTILINE)


def test_keys_are_sorted(biology: QuickShell) -> None:
    text = biology("plan", "--format", "json").out
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_order_of_the_service_s_answers_does_not_show(
    biology: QuickShell, studio: FakeStudio
) -> None:
    first = biology("plan", "--format", "json").out
    biology_shares = studio.shares(4711)
    studio.collections[4711].shares = dict(reversed(biology_shares.items()))
    studio.collections = dict(reversed(studio.collections.items()))
    second = biology("plan", "--format", "json").out
    assert without_identity(first) == without_identity(second)


def test_plan_only_looks(biology: QuickShell, studio: FakeStudio) -> None:
    biology("plan")
    assert studio.writes == []
    assert sorted(path.name for path in biology.folder.iterdir()) == ["config.yaml"]


def test_in_agreement_it_asks_once_a_page_and_once_a_collection(
    shell: QuickShell, studio: FakeStudio
) -> None:
    for id in range(5000, 5115):
        studio.put(id, f"Other {id}")
    shell.write(config(studio.url, AGREED))
    assert shell("plan", "--detailed-exitcode").status == 0
    pages, managed = 3, 1
    assert len(studio.calls) <= pages + managed + 2


def test_by_default_pending_changes_are_no_failure(biology: QuickShell) -> None:
    assert biology("plan").status == 0
    assert biology("plan", "--detailed-exitcode").status == 2


def test_a_plan_is_asked_for_by_collection(biology: QuickShell, studio: FakeStudio) -> None:
    plan = biology("plan", "--collection", "Field Work", "--format", "json").json
    assert [each["name"] for each in plan["collections"]] == ["Field Work"]
    both = biology(
        *("plan", "--collection", "Field Work", "--collection", "Biology 101", "--format", "json")
    ).json
    assert [each["name"] for each in both["collections"]] == ["Biology 101", "Field Work"]
    assert studio.writes == []


def test_a_collection_that_the_file_does_not_name_is_a_usage_error(biology: QuickShell) -> None:
    ran = biology("plan", "--collection", "Biology 110")
    assert ran.status == 64
    assert 'did you mean "Biology 101"' in ran.err
    assert ran.out == ""


def test_out_writes_the_format_of_the_extension_and_nothing_to_stdout(biology: QuickShell) -> None:
    ran = biology("plan", "--out", "plan.json", "--out", "comment.md", "--out", "page.html")
    assert (ran.status, ran.out) == (0, "")
    assert json.loads((biology.folder / "plan.json").read_text())["format"] == "reconciler.plan/1"
    assert "Biology 101" in (biology.folder / "comment.md").read_text()
    assert "<html" in (biology.folder / "page.html").read_text()


def test_with_out_stdout_gets_the_format_asked_for(biology: QuickShell) -> None:
    ran = biology("plan", "--out", "markdown=comment", "--format", "json")
    assert ran.json["format"] == "reconciler.plan/1"
    assert "Biology 101" in (biology.folder / "comment").read_text()


@pytest.mark.parametrize("out", ["plan", "plan.yaml", "xml=plan", "json=", "json=.", "text=/"])
def test_a_file_that_tells_no_format_is_a_usage_error(biology: QuickShell, out: str) -> None:
    ran = biology("plan", "--out", out)
    assert ran.status == 64
    assert "--out" in ran.err


def test_a_file_that_cannot_be_written_fails_and_says_which(biology: QuickShell) -> None:
    ran = biology("plan", "--out", "nowhere/plan.json")
    assert ran.status == 1
    assert "nowhere/plan.json" in ran.err


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "html", "github"])
@pytest.mark.parametrize("extra", [(), ("--detailed-exitcode",)])
def test_the_exit_status_is_the_same_for_every_format(
    biology: QuickShell, format_: str, extra: tuple[str, ...]
) -> None:
    ran = biology("plan", "--format", format_, *extra)
    assert ran.status == (2 if extra else 0)
    assert ran.err == ""
    assert "Biology 101" in ran.out or format_ == "github"


def test_annotations_carry_file_and_line(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: nobody@school.edu}]\n"))
    ran = shell("plan", "--format", "github")
    assert re.search(
        r"^::warning file=config\.yaml,line=9[,:].*nobody@school\.edu", ran.out, re.MULTILINE
    )


def test_in_a_checkout_annotations_are_relative_to_its_root(
    shell: QuickShell, studio: FakeStudio
) -> None:
    (shell.folder / ".git").mkdir()
    text = config(studio.url, "- name: Biology 101\n  shares: [{user: nobody@school.edu}]\n")
    shell.write(text, "school/studio.yaml")
    ran = shell("plan", "-c", "school/studio.yaml", "--format", "github")
    assert "file=school/studio.yaml,line=9" in ran.out


def test_a_source_in_an_included_file_is_relative_to_the_main_file_s_folder(
    shell: QuickShell, studio: FakeStudio
) -> None:
    text = config(studio.url, "", more="include: [parts/*.yaml]\n").replace("collections:\n", "")
    shell.write(text, "school/studio.yaml")
    part = "collections:\n  - name: Chemistry\n    shares: [{group: 7}]\n"
    shell.write(part, "school/parts/a.yaml")
    plan = shell("plan", "-c", "school/studio.yaml", "--format", "json").json
    changes = plan["collections"][0]["changes"]
    assert [(each["action"], each["source"]) for each in changes] == [
        ("create", "parts/a.yaml:3"),
        ("destroy", "parts/a.yaml:2"),
    ]
    assert plan["config"]["path"] == "studio.yaml"


MODES: list[Any] = [
    pytest.param("authoritative", {"create": 1, "update": 2, "destroy": 1}, id="authoritative"),
    pytest.param("additive", {"create": 1, "update": 1, "destroy": 0}, id="additive"),
    pytest.param("observe", {"create": 0, "update": 0, "destroy": 0}, id="observe"),
]


@pytest.mark.parametrize(("mode", "counts"), MODES)
def test_the_mode_says_what_is_planned(
    shell: QuickShell, studio: FakeStudio, mode: str, counts: dict[str, int]
) -> None:
    rows = """
    - name: Biology 101
      shares:
        - {user: omar@school.edu}
        - {group: 7, permission: edit}
        - {user: mia@school.edu}
    """
    shell.write(config(studio.url, rows, mode=mode))
    plan = shell("plan", "--format", "json").json
    assert {key: plan["summary"][key] for key in counts} == counts
    shell.write(config(studio.url, rows.replace("Biology 101", f"Biology 101\n      mode: {mode}")))
    again = shell("plan", "--format", "json").json
    assert {key: again["summary"][key] for key in counts} == counts
    assert again["collections"][0]["mode"] == mode


def test_in_observe_the_difference_is_shown_and_is_no_change(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, BIOLOGY, mode="observe"))
    ran = shell("plan", "--detailed-exitcode", "--format", "json")
    plan = ran.json
    assert ran.status == 0
    assert [each["action"] for each in plan["collections"]] == ["none", "none"]
    whys = {each["why"] for row in plan["collections"] for each in row["left_alone"]}
    assert whys == {"observe"}
    assert shell("apply", "--yes").status == 0
    assert studio.writes == []


def test_a_share_outside_its_window_is_not_desired(shell: QuickShell, studio: FakeStudio) -> None:
    rows = """
    - name: Biology 101
      shares:
        - {user: lin@school.edu, until: 2020-01-31}
        - {user: omar@school.edu, permission: edit, from: 2020-01-01, until: 2099-01-01}
        - {group: 7, term: old}
        - {user: mia@school.edu, from: 2098-01-01}
        - {user: grace@school.edu, from: 2020-01-01}
    """
    shell.write(
        config(studio.url, rows, more="terms: {old: {from: 2019-01-01, until: 2019-06-30}}\n")
    )
    plan = shell("plan", "--format", "json").json
    changes = plan["collections"][0]["changes"]
    assert [(each["action"], each["share_type"], each["id"]) for each in changes] == [
        ("create", "user", 102),
        ("destroy", "group", 7),
        ("destroy", "user", 103),
    ]


def test_what_has_no_colour_has_no_escapes(biology: QuickShell) -> None:
    for environment in ({}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color"}):
        assert "\x1b" not in "".join(biology("plan", **environment).out)


def test_control_characters_in_a_name_are_escaped_for_people(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.put(5000, "Red \x1b[31m alert\nnext", shares={("user", 102): "view"})
    shell.write(
        config(
            studio.url, '- name: "Red \\e[31m alert\\nnext"\n  allow_empty: true\n  shares: []\n'
        )
    )
    for format_ in ("text", "markdown", "html", "github"):
        ran = shell("plan", "--format", format_)
        assert "\x1b" not in ran.out
    assert shell("plan", "--format", "json").json["collections"][0]["id"] == 5000


@pytest.mark.parametrize(
    ("instant", "shared"),
    [
        pytest.param("2026-08-24T04:59:59Z", set(), id="before-the-first-day"),
        pytest.param("2026-08-24T05:00:01Z", {103, 104}, id="the-first-day-begins"),
        pytest.param("2026-12-19T05:59:59Z", {103, 104}, id="the-last-day-ends"),
        pytest.param("2026-12-19T06:00:01Z", {104}, id="after-the-last-day"),
    ],
)
def test_days_are_whole_in_the_file_s_zone_ends_included(
    shell: QuickShell, studio: FakeStudio, instant: str, shared: set[int]
) -> None:
    studio.collections[4712].shares = {}
    more = """
    timezone: America/Chicago
    terms: {fall-2026: {from: 2026-08-24, until: 2026-12-18}}
    """
    rows = """
    - name: Chemistry
      allow_empty: true
      shares: [{user: 103, term: fall-2026}, {user: 104, from: 2026-08-24}]
    """
    shell.write(config(studio.url, rows, more=more))
    with time_machine.travel(instant, tick=True):
        plan = shell("plan", "--format", "json").json
    assert {each["id"] for each in plan["collections"][0]["changes"]} == shared
