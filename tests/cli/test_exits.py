"""Exit statuses: what scripts rely on, and which goes before which."""

from __future__ import annotations

import pytest

from reconciler.cli.exits import Exit, first_of
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import QuickShell, config

HELD = "- name: Biology 101\n  shares: []\n"
PENDING = "- name: Chemistry\n  shares: [{user: 102}, {user: 103}]\n"
AGREED = "- name: Chemistry\n  shares: [{user: 102}]\n"
PINNED_TO_NOTHING = "- {name: Gone, id: 99, shares: [{user: 102}]}\n"
MISSING = "- {name: Gone, create: false, shares: [{user: 102}]}\n"


@pytest.mark.parametrize(
    ("statuses", "first"),
    [
        ([], 0),
        ([0], 0),
        ([2, 3], 3),
        ([3, 4, 2], 4),
        ([2, 3, 4, 5], 5),
        ([5, 4, 3, 2, 1], 1),
    ],
)
def test_where_several_hold_one_goes_first(statuses: list[int], first: int) -> None:
    assert first_of(map(Exit, statuses)) == first


@pytest.mark.parametrize(
    ("rows", "arguments", "status"),
    [
        pytest.param(AGREED, ("plan",), 0, id="agreement"),
        pytest.param(AGREED, ("plan", "--detailed-exitcode"), 0, id="agreement-detailed"),
        pytest.param(PENDING, ("plan",), 0, id="pending"),
        pytest.param(PENDING, ("plan", "--detailed-exitcode"), 2, id="pending-detailed"),
        pytest.param(HELD, ("plan",), 3, id="held"),
        pytest.param(HELD + PENDING, ("plan", "--detailed-exitcode"), 3, id="held-and-pending"),
        pytest.param(HELD, ("run", "--once"), 3, id="held-by-run"),
        pytest.param(HELD, ("run", "--once", "--observe"), 3, id="held-by-run-observing"),
        pytest.param(HELD, ("apply", "--yes"), 3, id="held-by-apply"),
        pytest.param(PINNED_TO_NOTHING, ("plan",), 5, id="pinned-to-nothing"),
        pytest.param(PINNED_TO_NOTHING + HELD, ("plan",), 5, id="pinned-to-nothing-and-held"),
        pytest.param(PINNED_TO_NOTHING, ("apply", "--yes"), 5, id="pinned-to-nothing-applied"),
        pytest.param(MISSING, ("plan", "--detailed-exitcode"), 0, id="missing-not-to-be-created"),
        pytest.param(MISSING, ("apply", "--yes"), 0, id="missing-applied"),
    ],
)
def test_the_status_of_a_state(
    shell: QuickShell, studio: FakeStudio, rows: str, arguments: tuple[str, ...], status: int
) -> None:
    shell.write(config(studio.url, rows))
    assert shell(*arguments).status == status


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize(("rows", "status"), [(AGREED, 0), (PENDING, 0), (HELD, 3)])
def test_apply_ends_alike_in_every_format(
    shell: QuickShell, studio: FakeStudio, rows: str, status: int, format_: str
) -> None:
    shell.write(config(studio.url, rows))
    assert shell("apply", "--yes", "--format", format_).status == status


def test_a_missing_collection_is_a_warning_on_its_line(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, MISSING))
    plan = shell("plan", "--format", "json").json
    assert plan["collections"][0]["status"] == "missing"
    assert [each["source"] for each in plan["warnings"]] == ["config.yaml:8"]
    assert studio.writes == []


def test_a_pinned_id_that_is_not_there_creates_nothing(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, PINNED_TO_NOTHING))
    ran = shell("apply", "--yes", "--format", "json")
    assert ran.json["collections"][0]["status"] in {"missing", "unreadable"}
    assert ran.json["summary"]["create_collection"] == 0
    assert studio.writes == []


def unreadable(call: Call) -> Answer | None:
    if call.path.endswith("/4711/permissions"):
        return Answer(403, {"error": "forbidden"})
    return None


def test_what_cannot_be_read_is_left_alone_and_the_rest_is_done(
    shell: QuickShell, studio: FakeStudio
) -> None:
    studio.spoil = unreadable
    shell.write(config(studio.url, HELD + PENDING))
    plan = shell("plan", "--format", "json")
    assert plan.status == 5
    assert [each["status"] for each in plan.json["collections"]] == ["unreadable", "ok"]
    assert plan.json["collections"][0]["observed_fingerprint"] is None
    assert plan.json["summary"]["unreadable"] == 1
    assert shell("apply", "--yes").status == 5
    assert studio.shares(4712) == {("user", 102): "view", ("user", 103): "view"}
    assert len(studio.shares(4711)) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Answer(401, {"error": "expired"}), "access_token", id="401"),
        pytest.param(Answer(403, {"error": "no"}), "403", id="403"),
        pytest.param(Answer(404, {"error": "no"}), "404", id="404"),
        pytest.param(Answer(200, "<html>login</html>"), "studio.url", id="html"),
        pytest.param(Answer(200, {"items": []}), "", id="other-keys"),
        pytest.param(Answer(200, []), "", id="a-list"),
        pytest.param(Answer(200, {"collections": {}}), "", id="not-a-list"),
        pytest.param(Answer(301, "", {"Location": "/elsewhere"}), "redirect", id="redirect"),
    ],
)
def test_a_service_that_cannot_be_used_fails_with_a_remedy(
    shell: QuickShell, studio: FakeStudio, answer: Answer, words: str
) -> None:
    studio.spoil = lambda _call: answer
    shell.write(config(studio.url, AGREED))
    ran = shell("plan")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert words in ran.err
    assert studio.writes == []


def test_nobody_at_the_port_fails_and_says_where(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config("http://127.0.0.1:9", AGREED).replace("  auth", "  timeout: 1s\n  auth"))
    ran = shell("plan")
    assert (ran.status, ran.out) == (1, "")
    assert "127.0.0.1:9" in ran.err
    assert studio.calls == []


def test_the_token_is_refused_without_being_shown(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, AGREED))
    ran = shell("plan", STUDIO_ACCESS_TOKEN="another-s3cret")
    assert ran.status == 1
    assert "another-s3cret" not in ran.out + ran.err
    assert "studio.auth.access_token (config.yaml:5:24)" in ran.err


@pytest.mark.parametrize("value", ["", None])
def test_a_token_that_is_not_there_is_told_by_its_name(
    shell: QuickShell, studio: FakeStudio, value: str | None
) -> None:
    shell.write(config(studio.url, AGREED))
    shell.environment = {} if value is None else {"STUDIO_ACCESS_TOKEN": value}
    ran = shell("plan")
    assert ran.status in {1, 78}
    assert "STUDIO_ACCESS_TOKEN" in ran.err
    assert studio.calls == []


def test_an_invalid_file_is_told_with_its_place_and_nothing_is_asked(
    shell: QuickShell, studio: FakeStudio
) -> None:
    shell.write(config(studio.url, "- name: Biology 101\n  shares: [{user: 1, permision: edit}]\n"))
    for command in (("plan",), ("apply", "--yes"), ("run", "--once"), ("validate",)):
        ran = shell(*command)
        assert (ran.status, ran.out) == (78, "")
        assert "config.yaml:9:" in ran.err
        assert "permission" in ran.err
    assert studio.calls == []
