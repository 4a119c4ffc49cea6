"""The command line itself: help, unknown commands, what a start costs, how failures end."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler.cli.main import COMMANDS
from tests.end_to_end.shell import COMMAND, QuickShell

HEAVY = ("httpx", "sqlalchemy", "pydantic", "yaml", "structlog", "jinja2", "apscheduler")


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ()])
def test_help_names_every_command(shell: QuickShell, arguments: tuple[str, ...]) -> None:
    ran = shell(*arguments)
    text = ran.out + ran.err
    assert all(f"  {name} " in text for name in COMMANDS)
    assert ran.status == (0 if arguments else 64)


def test_help_tells_the_exit_statuses(shell: QuickShell) -> None:
    text = shell("--help").out
    assert all(f"{status} " in text for status in (0, 1, 2, 3, 4, 5, 64, 78, 130))


@pytest.mark.parametrize("option", [("--help",), ("--version",)])
def test_help_and_version_load_nothing_heavy(option: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "importtime", COMMAND, *option],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_version_is_told(shell: QuickShell) -> None:
    ran = shell("--version")
    assert ran.status == 0
    assert ran.out.startswith("reconciler")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("plna",), "Did you mean 'plan'", id="near-miss"),
        pytest.param(("wholly-other",), "wholly-other", id="unknown"),
        pytest.param(("plan", "--formt", "json"), "--format", id="option-near-miss"),
        pytest.param(("plan", "--format", "pdf"), "pdf", id="format"),
        pytest.param(("plan", "surplus"), "surplus", id="argument"),
        pytest.param(("apply", "--format", "html", "--yes"), "html", id="apply-format"),
        pytest.param(("apply", "a.json", "b.json", "--yes"), "b.json", id="two-plans"),
        pytest.param(("--log-format", "xml", "plan"), "xml", id="log-format"),
        pytest.param(("sandbox", "--port", "70000"), "70000", id="port"),
        pytest.param(("--nonsense",), "--nonsense", id="group-option"),
        pytest.param(("plan", "-c"), "-c", id="value-missing"),
    ],
)
def test_a_wrong_command_line_is_64(
    shell: QuickShell, arguments: tuple[str, ...], words: str
) -> None:
    ran = shell(*arguments)
    assert (ran.status, ran.out) == (64, "")
    assert words in ran.err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_of_a_command_asks_for_no_file(shell: QuickShell, command: str) -> None:
    ran = shell(command, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert "Usage: reconciler" in ran.out


def test_who_has_read_enough_gets_no_complaint() -> None:
    with subprocess.Popen(  # noqa: S603
        [COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1
