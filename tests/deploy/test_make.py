"""The Makefile: every target told, each doing what its line says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str) -> str:
    # What the `make` that runs these tests was told is no business of this one.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(  # noqa: S603
        ["make", "--no-print-directory", *arguments],  # noqa: S607
        cwd=ROOT,
        env=clean,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_make_alone_tells_every_target() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert declared is not None

    told = re.findall(r"^  make ([\w-]+)", make(), flags=re.MULTILINE)

    assert told == declared[1].split()


@pytest.mark.parametrize("upgrade", [False, True])
def test_pins_move_only_when_asked(upgrade: bool) -> None:
    planned = make("--dry-run", "lock", *(["UPGRADE=1"] if upgrade else []))

    assert planned.count("--upgrade") == (2 if upgrade else 0)


def test_everything_is_installed_by_hash() -> None:
    # The package itself is built from here, with the build tools of the lock: nothing is fetched.
    for line in MAKEFILE.splitlines():
        if "$(PIP) install" in line:
            assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line
