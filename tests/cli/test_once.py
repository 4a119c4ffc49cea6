"""`run --once` over many tenants: a pass for each, and none waits for, or breaks by, another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from reconciler.cli.exits import Exit
from reconciler.cli.once import _Each, _told
from reconciler.cli.stores import Stores
from reconciler.state.store import Store
from tests.end_to_end.fake_studio import TOKEN, FakeStudio, fake_studio, school
from tests.end_to_end.shell import QuickShell, config

ROWS = "- {name: Chemistry, shares: [{user: 102}, {user: 103}]}\n"
CHEMISTRY = 4712


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[FakeStudio, ...]]:
    with ExitStack() as stack:
        yield tuple(stack.enter_context(fake_studio()) for _ in range(3))


@pytest.fixture
def studios(_served: tuple[FakeStudio, ...], shell: QuickShell) -> tuple[FakeStudio, ...]:
    for number, studio in enumerate(_served):
        shell.write(config(school(studio).url, ROWS), f"tenants/{number}.yaml")
    return _served


def host(studio: FakeStudio) -> str:
    return studio.url.removeprefix("http://")


def test_each_tenant_has_its_pass(shell: QuickShell, studios: tuple[FakeStudio, ...]) -> None:
    ran = shell("-c", "tenants", "run", "--once")
    assert ran.status == 0
    assert sorted(ran.out.splitlines()) == sorted(f"{host(each)}: done: +1" for each in studios)
    assert all(("user", 103) in each.shares(CHEMISTRY) for each in studios)
    files = [f"tenants/{number}.yaml" for number in range(3)]
    again = shell("run", "--once", *(each for file in files for each in ("-c", file)))
    assert [line.partition(": ")[2] for line in again.out.splitlines()] == [
        "done: nothing to do"
    ] * 3


def test_one_that_fails_keeps_no_other_from_its_pass(
    shell: QuickShell, studios: tuple[FakeStudio, ...]
) -> None:
    studios[1].token = "another"
    ran = shell("-c", "tenants", "run", "--once")
    assert ran.status == 1
    assert f"{host(studios[1])}: failed: " in ran.out
    for healthy in (studios[0], studios[2]):
        assert ("user", 103) in healthy.shares(CHEMISTRY)


def test_a_file_that_is_not_valid_is_told_and_the_others_are_done(
    shell: QuickShell, studios: tuple[FakeStudio, ...]
) -> None:
    shell.write("version: 2\n", "tenants/1.yaml")
    ran = shell("-c", "tenants", "run", "--once")
    assert ran.status == 78
    assert "tenants/1.yaml:1:10: " in ran.err
    assert ("user", 103) not in studios[1].shares(CHEMISTRY)
    assert ("user", 103) in studios[2].shares(CHEMISTRY)


def test_what_only_looks_writes_nowhere(shell: QuickShell, studios: tuple[FakeStudio, ...]) -> None:
    assert shell("-c", "tenants", "run", "--once", "--observe").status == 0
    assert not any(each.writes for each in studios)


def test_the_sandbox_is_one_tenant(shell: QuickShell, studios: tuple[FakeStudio, ...]) -> None:
    ran = shell("-c", "tenants", "run", "--once", "--sandbox")
    assert (ran.status, ran.out) == (64, "")
    assert "--sandbox is one tenant" in ran.err
    assert not any(each.calls for each in studios)


def test_a_bug_in_one_pass_keeps_no_other_from_being_made_and_told(
    shell: QuickShell,
    studios: tuple[FakeStudio, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Buggy(Stores):
        def open(self, place: str, tenant: str) -> Store:
            if tenant == host(studios[1]):
                raise ZeroDivisionError
            return super().open(place, tenant)

    monkeypatch.setenv("STUDIO_ACCESS_TOKEN", TOKEN)
    paths = [shell.folder / f"tenants/{number}.yaml" for number in range(3)]
    with closing(Buggy()) as stores:
        ends = list(_told(_Each(False, stores, threading.Event()), paths))
    assert sorted(end.status for end in ends) == [Exit.DONE, Exit.DONE, Exit.FAILED]
    told = capsys.readouterr().out.splitlines()
    assert sorted(told) == sorted(
        [f"{host(studios[each])}: done: +1" for each in (0, 2)]
        + ["1.yaml: failed: a bug, which the log tells"]
    )
