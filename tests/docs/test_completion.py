"""Completion in the shell: click's own, over commands that are imported only when asked for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from reconciler.cli.main import COMMANDS
from tests.docs.pages import PAGES
from tests.end_to_end.shell import COMMAND, Shell

PAGE = PAGES["docs/shell-and-editor.md"]
ASKED = "_RECONCILER_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, environment={})


def completed(shell: Shell, kind: str, words: str, word: str) -> list[str]:
    """What a shell is told when Tab is pressed."""
    told = shell(
        **{ASKED: f"{kind}_complete", "COMP_WORDS": f"reconciler {words}", "COMP_CWORD": word}
    )
    assert (told.status, told.err) == (0, "")
    return told.out.splitlines()


@pytest.mark.parametrize("kind", SHELLS)
def test_there_is_a_script_for_the_shell_and_the_pages_say_how_to_get_it(
    shell: Shell, kind: str
) -> None:
    script = shell(**{ASKED: f"{kind}_source"})

    assert script.status == 0
    assert "_reconciler_completion" in script.out
    assert f"{ASKED}={kind}_complete" in script.out
    assert f"{ASKED}={kind}_source reconciler" in PAGE


@pytest.mark.parametrize(
    ("kind", "word", "expected"),
    [("bash", "1", "plain,plan"), ("zsh", "1", "plan"), ("fish", "pl", "plain,plan\t")],
    ids=SHELLS,
)
def test_the_beginning_of_a_command_is_completed(
    shell: Shell, kind: str, word: str, expected: str
) -> None:
    told = completed(shell, kind, "pl", word)

    assert len([line for line in told if line.startswith(expected)]) == 1
    assert not any("apply" in line for line in told)


def test_every_command_is_offered_and_told_in_three_lines_as_zsh_reads_them(shell: Shell) -> None:
    told = completed(shell, "zsh", "", "1")

    assert told[::3] == ["plain"] * len(COMMANDS)
    assert told[1::3] == list(COMMANDS)
    assert len(told) == 3 * len(COMMANDS)


def test_an_option_and_its_values_are_completed(shell: Shell) -> None:
    assert completed(shell, "bash", "plan --fo", "2") == ["plain,--format"]
    values = completed(shell, "bash", "plan --format ", "3")
    assert values == [f"plain,{each}" for each in ("text", "markdown", "json", "html", "github")]


def test_a_file_is_left_to_the_shell(shell: Shell) -> None:
    assert completed(shell, "bash", "plan -c ", "3") == ["file,"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_with_the_line_of_the_pages(tmp_path: Path) -> None:
    (line,) = (each for each in PAGE.splitlines() if "bash_source" in each)
    script = f"""
        {line}
        COMP_WORDS=(reconciler pl) COMP_CWORD=1
        _reconciler_completion reconciler
        echo "${{COMPREPLY[@]}}"
    """

    done = subprocess.run(  # noqa: S603 - what the page tells people to write
        ["bash", "--norc", "-c", script],  # noqa: S607 - any bash will do
        cwd=tmp_path,
        env={"PATH": f"{COMMAND.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "plan\n", "")
