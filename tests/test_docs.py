"""What README, docs, `--help`, config.example.yaml and the schema say is true."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from reconciler.cli.exits import Exit
from reconciler.cli.main import COMMANDS, cli
from reconciler.config.jsonschema import json_schema
from reconciler.config.starter import starter
from tests.end_to_end.shell import QuickShell

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/*.md"))}
PAGES["README.md"] = README
CODE = re.compile(r"`(reconciler(?: [^`]+)?)`")
LINE = re.compile(r"^ *\$ (reconciler .*)$", re.MULTILINE)
FENCED = re.compile(r"^ *```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


def commands_in(text: str) -> Iterator[str]:
    """Every command that a text shows, without what the shell makes of its output."""
    for match in (*CODE.finditer(text), *LINE.finditer(text)):
        command = re.split(r"\s(?:#|>|\||&&)(?:\s|$)", match[1])[0]
        if "…" not in command:
            yield command.strip()


def parse(arguments: list[str]) -> str:
    """Parse a command line as the program would, and do nothing. Raises where it is wrong."""
    context = cli.make_context("reconciler", list(arguments))
    name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    assert name is not None
    with command.make_context(name, list(rest), parent=context):
        return name


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
    assert parse(shlex.split(command)[1:]) in COMMANDS


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
        command = re.split(r"\s(?:#|>|\||&&)(?:\s|$)", example)[0]
        assert parse(shlex.split(command)[1:]) == name


def test_the_table_of_commands_is_complete() -> None:
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    told = {word for row in rows for word in re.findall(r"`(\w+)[^`]*`", row)}
    assert told == set(COMMANDS)


def test_options_in_the_table_of_commands_are_options() -> None:
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| `(\w+)[^|]*\|[^\n]*", table, re.MULTILINE):
        known = options(row)
        (line,) = re.findall(rf"^\| `{row}[^\n]*", table, re.MULTILINE)
        assert set(re.findall(r"--[a-z-]+", line)) <= known, row


def options(name: str) -> set[str]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return {each for parameter in command.params for each in (*parameter.opts, "--help")}


@pytest.mark.parametrize("text", [README, None], ids=["README", "--help"])
def test_the_exit_statuses_are_told_as_they_are(shell: QuickShell, text: str | None) -> None:
    if text is None:
        told = {int(each) for each in re.findall(r"(?<!\S)(\d+) +[a-z]", shell("--help").out)}
    else:
        part = text.partition("## Exit status")[2].partition("\n## ")[0]
        told = {int(each) for each in re.findall(r"^\| (\d+) \|", part, re.MULTILINE)}
    assert told == {int(each) for each in Exit}


def test_the_first_steps_go_as_they_are_told(shell: QuickShell) -> None:
    assert shell("init").status == 0
    for command in ("validate", "plan", "apply --yes", "run --once", "plan --detailed-exitcode"):
        ran = shell(*command.split(), "--sandbox")
        assert (ran.status, ran.err) == (0, "")


def test_the_file_of_the_readme_is_valid_and_plans(shell: QuickShell) -> None:
    part = README.partition("## The file")[2]
    block = FENCED.search(part)
    assert block is not None
    assert block["kind"] == "yaml"
    shell.write(block["text"])
    assert shell("validate").status == 0
    assert shell("plan", "--sandbox").status == 0


@pytest.mark.parametrize("command", dict.fromkeys(commands_in(starter())))
def test_what_the_starter_shows_are_commands(command: str) -> None:
    assert parse(shlex.split(command)[1:]) in COMMANDS


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


def keys(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON is
    """Every key of the schema, with its path and what is said of it."""
    for name, value in node.get("properties", {}).items():
        yield f"{path}{name}", value
        yield from keys(value, f"{path}{name}.")
    for word in ("items", "additionalProperties"):
        if isinstance(node.get(word), dict):
            yield from keys(node[word], path)
    for word in ("anyOf", "oneOf", "allOf"):
        for each in node.get(word, ()):
            yield from keys(each, path)


KEYS = dict(keys(json_schema()))


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
BLOCKS = [
    pytest.param(block["text"], id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, block in enumerate(FENCED.finditer(text), start=1)
    if block["kind"] == "yaml" and "version:" not in block["text"]
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_the_pages_is_valid_in_a_file(shell: QuickShell, block: str) -> None:
    shell.write(AROUND + block)
    ran = shell("validate", "--sandbox")
    assert ran.status == 0, ran.err
