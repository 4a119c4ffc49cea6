"""`run --once` over many tenants: a pass for each, and none waits for, or breaks by, another."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.cli.exits import Exit
from reconciler.cli.once import _Each, _told
from reconciler.cli.stores import Stores
from reconciler.state.store import Store
from tests.cli.fleets import healed
from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.shell import QuickShell

pytestmark = pytest.mark.usefixtures("folder")


def test_each_tenant_has_its_pass(shell: QuickShell, studios: tuple[FakeStudio, ...]) -> None:
    ran = shell("-c", "tenants", "run", "--once")
    assert ran.status == 0
    assert sorted(ran.out.splitlines()) == sorted(f"{each.host}: done: +1" for each in studios)
    assert healed(*studios)
    files = [f"tenants/{number}.yaml" for number in range(len(studios))]
    again = shell("run", "--once", *(each for file in files for each in ("-c", file)))
    told = [line.partition(": ")[2] for line in again.out.splitlines()]
    assert told == ["done: nothing to do"] * len(studios)


def test_one_that_fails_keeps_no_other_from_its_pass(
    shell: QuickShell, studios: tuple[FakeStudio, ...]
) -> None:
    studios[1].token = "another"
    ran = shell("-c", "tenants", "run", "--once")
    assert ran.status == 1
    assert f"{studios[1].host}: failed: " in ran.out
    assert healed(studios[0], *studios[2:])


def test_a_file_that_is_not_valid_is_told_and_the_others_are_done(
    shell: QuickShell, studios: tuple[FakeStudio, ...]
) -> None:
    shell.write("version: 2\n", "tenants/1.yaml")
    ran = shell("-c", "tenants", "run", "--once")
    assert ran.status == 78
    assert "tenants/1.yaml:1:10: " in ran.err
    assert not healed(studios[1])
    assert healed(studios[0], *studios[2:])


def test_what_only_looks_writes_nowhere(shell: QuickShell, studios: tuple[FakeStudio, ...]) -> None:
    assert shell("-c", "tenants", "run", "--once", "--observe").status == 0
    assert not any(each.writes for each in studios)


def test_the_sandbox_is_one_tenant(shell: QuickShell, studios: tuple[FakeStudio, ...]) -> None:
    ran = shell("-c", "tenants", "run", "--once", "--sandbox")
    assert (ran.status, ran.out) == (64, "")
    assert "--sandbox is one tenant" in ran.err
    assert not any(each.calls for each in studios)


def test_a_bug_in_one_pass_keeps_no_other_from_being_made_and_told(
    folder: Path, studios: tuple[FakeStudio, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    class Buggy(Stores):
        def open(self, place: str, tenant: str) -> Store:
            if tenant == studios[1].host:
                raise ZeroDivisionError
            return super().open(place, tenant)

    paths = sorted(folder.glob("*.yaml"))
    with closing(Buggy()) as stores:
        ends = list(_told(_Each(False, stores, threading.Event()), paths))
    assert sorted(end.status for end in ends) == [Exit.DONE] * 3 + [Exit.FAILED]
    told = capsys.readouterr().out.splitlines()
    assert sorted(told) == sorted(
        [f"{studios[each].host}: done: +1" for each in (0, 2, 3)]
        + ["1.yaml: failed: a bug, which the log tells"]
    )
