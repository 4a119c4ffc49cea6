"""The systemd units: understood in full, and shut as far as they can be."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.recipes import DEPLOY, foreign

SERVICES = ["reconciler.service", "reconciler-once.service"]
UNITS = [*SERVICES, "reconciler-once.timer"]


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    systemd_analyze = foreign("systemd-analyze", "Debian: apt-get install systemd")
    return subprocess.run(  # noqa: S603
        [systemd_analyze, "--no-pager", *arguments], capture_output=True, text=True, check=False
    )


def settings(unit: str) -> list[str]:
    lines = (DEPLOY / unit).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def hardening(unit: str) -> list[str]:
    lines = settings(unit)
    end = lines.index("[Install]") if "[Install]" in lines else len(lines)
    return lines[lines.index("DynamicUser=yes") : end]


def copies(folder: Path) -> list[Path]:
    """The units as they can be read where the program is not installed."""
    found = [folder / unit for unit in UNITS]
    for copy in found:
        text = (DEPLOY / copy.name).read_text(encoding="utf-8")
        copy.write_text(text.replace("=/opt/reconciler/bin/reconciler ", "=/bin/true "))
    return found


def test_every_line_is_understood(tmp_path: Path) -> None:
    found = analyze("verify", "--man=no", *copies(tmp_path))

    assert found.stderr == ""
    assert found.returncode == 0


HEAD = (DEPLOY / "reconciler.service").read_text(encoding="utf-8").partition("\n\n")[0]


def for_many_tenants() -> str:
    """What the head of the unit adds to it for many tenants."""
    found = re.search(r"#     \[Service\]\n(?:#     .+\n)+", f"{HEAD}\n")
    assert found is not None
    return re.sub(r"(?m)^#     ", "", found[0])


def test_what_the_head_adds_for_many_tenants_is_understood(tmp_path: Path) -> None:
    units = copies(tmp_path)
    folder = tmp_path / "reconciler.service.d"
    folder.mkdir()
    (folder / "override.conf").write_text(for_many_tenants())

    found = analyze("verify", "--man=no", *units)

    assert found.stderr == ""
    assert found.returncode == 0


def test_many_tenants_take_the_place_of_the_one_and_its_token() -> None:
    added = for_many_tenants().splitlines()
    daemon = settings("reconciler.service")

    # A folder that has another name below, or a list that is not emptied first, would be no use.
    assert "Environment=RECONCILER_CONFIG=/etc/reconciler/config.yaml" in daemon
    assert added[1] == "Environment=RECONCILER_CONFIG=/etc/reconciler/tenants"
    assert added[2] == "LoadCredential="
    credential, _, folder = added[3].removeprefix("LoadCredential=").partition(":")
    assert f"{folder}/north-college is" in HEAD
    assert f"/run/credentials/reconciler.service/{credential}_north-college" in HEAD


@pytest.mark.parametrize("service", SERVICES)
def test_the_exposure_is_at_most_two(tmp_path: Path, service: str) -> None:
    copy = shutil.copy(DEPLOY / service, tmp_path)

    found = analyze("security", "--offline=true", "--threshold=20", copy)

    assert found.returncode == 0, found.stdout


def test_both_services_are_shut_alike() -> None:
    daemon, once = map(hardening, SERVICES)

    assert daemon == once


def test_both_services_share_one_user_s_state() -> None:
    # A dynamic user is called as its unit, unless it is told otherwise.
    assert "User=reconciler" in settings("reconciler-once.service")
    for name in ("StateDirectory=", "Environment=RECONCILER_STATE=", "LoadCredential="):
        daemon, once = (
            [line for line in settings(service) if line.startswith(name)] for service in SERVICES
        )
        assert daemon == once != []


def test_the_timer_starts_what_is_there() -> None:
    # A timer starts the service of its own name.
    assert "Type=oneshot" in settings("reconciler-once.service")
    assert not [line for line in settings("reconciler-once.timer") if line.startswith("Unit=")]
