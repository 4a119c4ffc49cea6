"""`demo`: the whole story, by the real commands, and nothing left behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("demo")
    shell = Shell(folder, environment={})
    ran = shell("demo", TMPDIR=str(folder))
    assert (ran.status, ran.err) == (0, "")
    return ran.out, folder


def test_it_tells_the_whole_story(told: tuple[str, Path]) -> None:
    text, _ = told
    commands = re.findall(r"^\$ reconciler (.*)$", text, re.MULTILINE)
    statuses = re.findall(r"^\(exit status (\d+)\)$", text, re.MULTILINE)
    assert commands[:3] == [
        "--sandbox plan",
        "--sandbox apply --yes",
        "--sandbox plan --detailed-exitcode",
    ]
    assert "3" in statuses
    assert statuses[-1] == "0"
    assert len(commands) == len(statuses)


def test_a_guard_holds_and_says_its_numbers(told: tuple[str, Path]) -> None:
    text, _ = told
    assert re.search(r"removes \d+ of \d+ shares; at most \d+ may go", text)


def test_it_ends_by_taking_a_pass_back(told: tuple[str, Path]) -> None:
    text, _ = told
    assert re.search(r"^\$ reconciler --sandbox undo [0-9A-Z]{26} --yes$", text, re.MULTILINE)
    assert text.rstrip().endswith("reconciler init")


def test_nothing_is_left_behind(told: tuple[str, Path]) -> None:
    _, folder = told
    assert list(folder.iterdir()) == []


def test_in_a_pipe_it_has_no_colour(told: tuple[str, Path]) -> None:
    assert "\x1b" not in told[0]
