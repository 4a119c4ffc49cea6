"""Two daemons of many tenants, as processes: one is killed while it writes, the other has them."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from reconciler.state.history import History
from reconciler.state.lease import SEAT, Held, holder_of
from reconciler.state.records import Verdict
from reconciler.state.store import open_store_readonly
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio, fake_studio, school
from tests.end_to_end.shell import PATIENCE, Shell, config
from tests.end_to_end.test_takeover import ONE_BY_ONE, PACE, ROWS, Daemons, agrees, drift, until

TENANTS = 4


@pytest.fixture(scope="module")
def _served() -> Iterator[tuple[FakeStudio, ...]]:
    with ExitStack() as stack:
        yield tuple(stack.enter_context(fake_studio()) for _ in range(TENANTS))


@pytest.fixture
def studios(_served: tuple[FakeStudio, ...], installed: Shell) -> tuple[FakeStudio, ...]:
    """A file for each in a folder that every command goes by."""
    for number, studio in enumerate(_served):
        text = config(school(studio).url, ROWS).replace(PACE, ONE_BY_ONE)
        installed.write(text, f"tenants/{number}.yaml")
    installed.environment["RECONCILER_CONFIG"] = "tenants"
    return _served


@pytest.fixture
def daemons(installed: Shell) -> Iterator[Daemons]:
    made = Daemons(installed)
    with made.stack:
        yield made


def seat(shell: Shell, studio: FakeStudio) -> Held | None:
    place = str(shell.folder / "tenants" / "reconciler.db")
    store = open_store_readonly(place, tenant=studio.url.removeprefix("http://"))
    if store is None:
        return None
    with store:
        return holder_of(store, SEAT)


def seats(shell: Shell, studios: tuple[FakeStudio, ...]) -> Counter[int]:
    """How many tenants each process has the seat of."""
    held = (seat(shell, each) for each in studios)
    return Counter(each.holder.pid for each in held if each is not None)


def verdicts(shell: Shell, studio: FakeStudio) -> list[Verdict]:
    place = str(shell.folder / "tenants" / "reconciler.db")
    store = open_store_readonly(place, tenant=studio.url.removeprefix("http://"))
    assert store is not None
    with store:
        return [each.verdict for each in History(store).passes(1000)]


def test_the_tenants_of_a_killed_daemon_go_to_the_other_and_are_made_good(
    installed: Shell, studios: tuple[FakeStudio, ...], daemons: Daemons
) -> None:
    first, second = daemons.start("first"), daemons.start("second")
    shared = {first.process.pid: TENANTS // 2, second.process.pid: TENANTS // 2}
    until(lambda: seats(installed, studios) == shared and all(map(agrees, studios)))
    lost = next(each for each in studios if seats(installed, (each,))[first.process.pid])
    before = seat(installed, lost)

    def kill(call: Call) -> Answer | None:
        if call.is_write and first.process.poll() is None:
            first.process.kill()
            first.process.wait(PATIENCE)
            return Answer(503)
        return None

    lost.spoil = kill
    for each in studios:
        drift(each)
    for daemon in (first, second):
        daemon.process.send_signal(signal.SIGHUP)
    until(lambda: seats(installed, studios) == {second.process.pid: TENANTS})
    until(lambda: all(map(agrees, studios)))
    after = seat(installed, lost)
    assert before is not None
    assert after is not None
    assert after.fence > before.fence
    assert Verdict.INTERRUPTED in verdicts(installed, lost)

    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(PATIENCE) == 0
    assert not seats(installed, studios), "who is told to stop gives the seats back"
