"""The image: sound, without root, and without a shell between a signal and the program."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reconciler

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The instructions, each on one line."""
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    # Below a warning is only the advice to join RUN lines, which the exec form rules out.
    found = subprocess.run(  # noqa: S603
        [hadolint, "--no-color", "--failure-threshold", "warning", DOCKERFILE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


def test_the_user_is_a_number_and_not_root(lines: list[str]) -> None:
    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert users
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])


def test_no_shell_runs_anything(lines: list[str]) -> None:
    commands = [
        command
        for line in lines
        if (command := re.search(r"\b(?:RUN|CMD|ENTRYPOINT)\s+(.*)", line)) is not None
    ]

    assert commands
    for command in commands:
        assert isinstance(json.loads(command[1]), list)


def test_the_label_tells_the_version_of_the_package(lines: list[str]) -> None:
    assert f"ARG VERSION={reconciler.__version__}" in lines


def test_what_the_image_copies_is_what_may_be_sent(lines: list[str]) -> None:
    copied = {
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    ignore = (ROOT / ".dockerignore").read_text().splitlines()

    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)
