"""The options every command takes: where they stand, and what holds without them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell, config

ROWS = "- {name: Chemistry, shares: [{user: 102}]}\n"


def test_the_file_is_config_yaml_by_default(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, ROWS))
    assert shell("plan", "--format", "json").json["config"]["path"] == "config.yaml"


def test_the_environment_goes_before_the_default_and_c_before_both(
    shell: QuickShell, studio: FakeStudio
) -> None:
    for name in ("config.yaml", "from-environment.yaml", "given.yaml"):
        shell.write(config(studio.url, ROWS), name)
    named = {"RECONCILER_CONFIG": "from-environment.yaml"}
    plan = ("plan", "--format", "json")
    assert shell(*plan, **named).json["config"]["path"] == "from-environment.yaml"
    assert shell(*plan, "-c", "given.yaml", **named).json["config"]["path"] == "given.yaml"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "given.yaml", "plan", "--format", "json"),
        ("plan", "-c", "given.yaml", "--format", "json"),
        ("plan", "--format", "json", "--config", "given.yaml"),
        ("-q", "-c", "given.yaml", "plan", "-q", "--format", "json"),
        ("-v", "--log-format", "json", "plan", "-c", "given.yaml", "--format", "json"),
        ("plan", "--log-format=console", "-vc", "given.yaml", "--format", "json"),
    ],
    ids=" ".join,
)
def test_options_stand_before_the_command_or_after_it(
    shell: QuickShell, studio: FakeStudio, arguments: tuple[str, ...]
) -> None:
    shell.write(config(studio.url, ROWS), "given.yaml")
    ran = shell(*arguments)
    assert (ran.status, ran.json["config"]["path"]) == (0, "given.yaml")


def test_a_file_that_is_not_there_is_named(shell: QuickShell) -> None:
    for command in (("plan",), ("validate",), ("apply", "--yes"), ("run", "--once")):
        ran = shell(*command, "-c", "nowhere.yaml")
        assert (ran.status, ran.out) == (78, "")
        assert "nowhere.yaml" in ran.err


def test_a_command_about_one_tenant_takes_one_file(shell: QuickShell, studio: FakeStudio) -> None:
    for name in ("one.yaml", "two.yaml"):
        shell.write(config(studio.url, ROWS), name)
    both = ("-c", "one.yaml", "-c", "two.yaml")
    assert shell("validate", *both).status == 0
    assert shell("plan", *both).status == 64
    assert shell("plan", "-c", ".").status == 64


def test_a_folder_stands_for_the_files_in_it_and_not_below_it(
    shell: QuickShell, studio: FakeStudio, tmp_path: Path
) -> None:
    rows = "include: [parts/*.yaml]\n" + config(studio.url, ROWS)
    shell.write(rows, "tenants/one.yaml")
    shell.write(config(studio.url, ROWS), "tenants/two.yml")
    shell.write("collections: []\n", "tenants/parts/more.yaml")
    for other in (".hidden.yaml", "readme.md"):
        shell.write("nothing of ours", f"tenants/{other}")
    ran = shell("validate", "-c", "tenants")
    assert (ran.status, len(ran.out.splitlines())) == (0, 2)
    assert "tenants/one.yaml: valid (1 collection, 2 files)" in ran.out
    (tmp_path / "empty").mkdir()
    ran = shell("validate", "-c", "empty")
    assert (ran.status, ran.out) == (78, "")
    assert ran.err.startswith("empty:1:1: ")


def test_the_state_is_beside_the_file_or_where_the_environment_says(
    shell: QuickShell, studio: FakeStudio, tmp_path: Path
) -> None:
    shell.write(config(studio.url, ROWS), "school/config.yaml")
    shell("apply", "--yes", "-c", "school/config.yaml")
    assert (tmp_path / "school" / "reconciler.db").exists()
    shell("apply", "--yes", "-c", "school/config.yaml", RECONCILER_STATE=str(tmp_path / "other.db"))
    assert (tmp_path / "other.db").exists()


def test_the_sandbox_keeps_a_state_of_its_own_and_needs_no_credentials(
    shell: QuickShell, studio: FakeStudio, tmp_path: Path
) -> None:
    shell.environment = {}
    shell.write(config(studio.url, "- {name: Biology 101, shares: [{group: 7}, {user: 103}]}\n"))
    assert shell("apply", "--yes", "--sandbox").status == 0
    assert studio.calls == []
    assert not (tmp_path / "reconciler.db").exists()
    assert shell("--sandbox", "plan", "--detailed-exitcode").status == 0
    result = json.loads(shell("plan", "--sandbox", "--format", "json").out)
    assert result["studio"] == "https://sandbox.localhost"


def test_the_sandbox_does_without_studio_in_the_file(shell: QuickShell) -> None:
    shell.write("version: 1\nmode: authoritative\ncollections: []\n")
    assert shell("plan", "--sandbox").status == 0
    ran = shell("plan")
    assert (ran.status, ran.out) == (78, "")
    assert "studio" in ran.err
