"""The systemd unit: understood in full, and shut as far as it can be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "deploy" / "reconciler.service"

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed (Debian: apt-get install systemd)",
)


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["systemd-analyze", "--no-pager", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_line_is_understood(tmp_path: Path) -> None:
    # The program need not be installed here for its unit to be read.
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("=/opt/reconciler/bin/reconciler ", "=/bin/true "))

    found = analyze("verify", "--man=no", copy)

    assert found.stderr == ""
    assert found.returncode == 0


def test_the_exposure_is_at_most_two(tmp_path: Path) -> None:
    copy = shutil.copy(UNIT, tmp_path)

    found = analyze("security", "--offline=true", "--threshold=20", copy)

    assert found.returncode == 0, found.stdout
