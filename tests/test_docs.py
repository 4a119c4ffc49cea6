"""What README, docs, `--help`, config.example.yaml and the schema say is true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from reconciler.cli.exits import Exit
from reconciler.cli.main import COMMANDS
from reconciler.config.jsonschema import json_schema
from reconciler.config.starter import starter
from tests.docs.pages import (
    PAGES,
    ROOT,
    alone,
    blocks,
    coded,
    commands_in,
    keys_of,
    options,
    parse,
    rows,
    section,
    typed,
)
from tests.end_to_end.shell import QuickShell

README = PAGES["README.md"]
EXAMPLE = (ROOT / "config.example.yaml").read_text(encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path) -> QuickShell:
    return QuickShell(tmp_path, environment={})


SHOWN = [
    pytest.param(command, id=f"{page}: {command}")
    for page, text in PAGES.items()
    for command in dict.fromkeys(commands_in(text))
    if "COMMAND" not in command and command not in {"reconciler", "reconciler --version"}
]


@pytest.mark.parametrize("command", SHOWN)
def test_every_command_that_is_shown_is_one(command: str) -> None:
    assert parse(command) in COMMANDS


# How the commands end that somebody at a terminal must answer: here is nobody. And the sandbox,
# which all of them are tried on, is one tenant.
UNANSWERED = {
    "reconciler apply": Exit.USAGE,
    "reconciler login": Exit.USAGE,
    "reconciler -c tenants/ run": Exit.USAGE,
    "reconciler -c tenants/ run --jobs": Exit.USAGE,
}


@pytest.mark.parametrize("page", [page for page in PAGES if any(typed(PAGES[page]))])
def test_the_commands_of_a_page_go_as_they_are_told(shell: QuickShell, page: str) -> None:
    shell.write(EXAMPLE)
    for name in ("before.yaml", "../before/config.yaml", "tenants/north-college.yaml"):
        shell.write(EXAMPLE, name)
    for command in typed(PAGES[page]):
        ran = shell("--sandbox", *shlex.split(command)[1:])
        # Whether changes are pending then is what the page's own script asks.
        well = {Exit.DONE, Exit.PENDING} if "--detailed-exitcode" in command else {Exit.DONE}
        wanted = {UNANSWERED[command]} if command in UNANSWERED else well
        assert ran.status in wanted, f"{command}: {ran.err}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_examples_that_are_commands(shell: QuickShell, name: str) -> None:
    text = shell(name, "--help").out
    _, found, rest = text.partition("Examples:\n")
    if not found:
        _, found, rest = text.partition("Example:\n")
    assert found
    lines = rest.partition("\n\n")[0].splitlines()
    examples = [line.strip() for line in lines if line.strip().startswith("reconciler ")]
    assert examples
    for example in examples:
        assert parse(alone(example)) == name


TABLE = [(coded(cells[0]), " ".join(cells)) for cells in rows(section(README, "## Commands"))]


def test_the_table_of_commands_is_complete() -> None:
    told = {each.split()[0] for commands, _ in TABLE for each in commands}
    assert told == set(COMMANDS)


def test_options_in_the_table_of_commands_are_options() -> None:
    for commands, row in TABLE:
        known = {option for each in commands for option in options(each.split()[0])}
        assert set(re.findall(r"--[a-z-]+", row)) <= known, row


def test_the_exit_statuses_are_told_by_help_as_they_are(shell: QuickShell) -> None:
    told = {int(each) for each in re.findall(r"(?<!\S)(\d+) +[a-z]", shell("--help").out)}
    assert told == {int(each) for each in Exit}


def test_the_first_steps_go_as_they_are_told(shell: QuickShell) -> None:
    assert shell("init").status == 0
    for command in ("validate", "plan", "apply --yes", "run --once", "plan --detailed-exitcode"):
        ran = shell(*command.split(), "--sandbox")
        assert (ran.status, ran.err) == (0, "")


def test_the_file_of_the_readme_is_valid_and_plans(shell: QuickShell) -> None:
    block = next(blocks(section(README, "## The file")))
    assert block.kind == "yaml"
    shell.write(block.text)
    assert shell("validate").status == 0
    assert shell("plan", "--sandbox").status == 0


@pytest.mark.parametrize("command", dict.fromkeys(commands_in(starter())))
def test_what_the_starter_shows_are_commands(command: str) -> None:
    assert parse(command) in COMMANDS


def test_the_starter_goes_through_commands_that_there_are() -> None:
    steps = re.findall(r"^# +\d\. reconciler (\w+)", starter(), re.MULTILINE)
    assert steps
    assert set(steps) <= set(COMMANDS)


def test_the_example_is_valid_and_plans_a_bit_of_everything(shell: QuickShell) -> None:
    shell.write(EXAMPLE)
    assert shell("validate").status == 0
    ran = shell("plan", "--sandbox", "--format", "json")
    summary = ran.json["summary"]
    assert ran.status == 0
    assert ran.json["holds"] == []
    assert ran.json["warnings"] == []
    assert summary["create_collection"] >= 1
    assert summary["create"] >= 3
    assert summary["update"] >= 1
    assert summary["destroy"] >= 1
    assert shell("apply", "--yes", "--sandbox").status == 0
    assert shell("plan", "--detailed-exitcode", "--sandbox").status == 0


KEYS = dict(keys_of(json_schema()))


def test_the_schema_has_the_keys_of_the_file() -> None:
    assert {"studio.auth.access_token.env", "guards.removals.per_day.percent"} <= set(KEYS)
    assert {"collections.shares.until", "share_sets.permission"} <= set(KEYS)


@pytest.mark.parametrize("path", KEYS)
def test_a_key_of_the_file_is_described(path: str) -> None:
    assert KEYS[path].get("description")


@pytest.mark.parametrize("path", KEYS)
def test_a_key_of_the_file_is_in_the_example(path: str) -> None:
    name = path.rpartition(".")[2]
    assert re.search(rf"(?<![\w-]){re.escape(name)}:", EXAMPLE)


# What the blocks of the pages rest on, where they do not say it themselves.
AROUND = """\
version: 1
mode: authoritative
terms: {fall-2026: {from: 2026-08-24, until: 2026-12-18}}
share_sets: {biology-staff: [{group: 7}]}
"""
# A block that is of another file says so in its first line.
BLOCKS = [
    pytest.param(block.text, id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, block in enumerate(blocks(text), start=1)
    if block.kind == "yaml" and not re.match(r"version:|# \.pre-commit", block.text)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_the_pages_is_valid_in_a_file(shell: QuickShell, block: str) -> None:
    shell.write(AROUND + block)
    ran = shell("validate", "--sandbox")
    assert ran.status == 0, ran.err
