"""What the tests of the recipes share: where they are, and how they are read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def documents(path: Path) -> list[dict[str, Any]]:
    """Every document of a YAML file."""
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


def fits(schema: str, path: Path, *options: str) -> str:
    """What a schema that check-jsonschema carries has to say; empty when all is well."""
    checker = Path(sys.executable).with_name("check-jsonschema")
    found = subprocess.run(  # noqa: S603
        [checker, "--builtin-schema", f"vendor.{schema}", *options, path],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if found.returncode == 0 else found.stdout + found.stderr


def foreign(tool: str, package: str) -> str:
    """Where a tool is that no lock can bring; the test is skipped without it."""
    path = shutil.which(tool)
    if path is None:
        pytest.skip(f"{tool} is not installed ({package})")
    return path


def run(*command: str | Path, stdin: str = "", **environment: str) -> str:
    """Run a command that must succeed; what it said."""
    done = subprocess.run(  # noqa: S603
        command,
        input=stdin,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(name: str) -> Path:
    """A command that the lock put beside this Python."""
    return Path(sys.executable).with_name(name)
