"""`run --jobs` where it cannot be: told at once, with a remedy."""

from __future__ import annotations

import sys

import pytest

from tests.cli.fleets import ROWS
from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell, config

USAGES = [
    pytest.param(["--jobs", "--once"], "give one of the two", id="once"),
    pytest.param(["--jobs", "--sandbox"], "studio.url", id="sandbox"),
    pytest.param(["--at-once", "3"], "add --jobs", id="at-once-alone"),
    pytest.param(["--jobs", "--at-once", "0"], "1<=x<=100", id="none-at-once"),
]


@pytest.mark.parametrize(("options", "told"), USAGES)
def test_bad_usage_is_told_with_a_remedy(
    shell: QuickShell, studio: FakeStudio, options: list[str], told: str
) -> None:
    shell.write(config(studio.url, ROWS))
    ran = shell("run", *options)
    assert (ran.status, ran.out) == (64, "")
    assert told in ran.err


def test_a_state_in_a_file_is_bad_usage(shell: QuickShell, studio: FakeStudio) -> None:
    shell.write(config(studio.url, ROWS))
    ran = shell("run", "--jobs")
    assert ran.status == 64
    assert "config.yaml: --jobs needs its state in PostgreSQL" in ran.err
    assert not list(shell.folder.glob("*.db"))


def test_without_the_extra_it_is_told_what_to_install(
    shell: QuickShell, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("reconciler.")]:
        if name in {"reconciler.cli.jobs", "reconciler.state.queue"} or "worker" in name:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    shell.write(config(studio.url, ROWS))
    ran = shell("run", "--jobs")
    assert ran.status == 64
    assert "pip install 'studio-reconciler[fleet]'" in ran.err
