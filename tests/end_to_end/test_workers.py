"""The installed command as workers of one queue: one is killed in mid-pass, others go on."""

from __future__ import annotations

import signal

import pytest

from reconciler.state.records import Verdict
from tests.end_to_end.daemons import EVERY, Daemons, agrees, drift, write_all
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.recorded import at_rest, passes, verdicts
from tests.end_to_end.shell import Shell
from tests.patience import PATIENCE, until
from tests.state.queued import bring_forward, let_time_go_by
from tests.state.server import Server

JOBS = "--jobs"


@pytest.fixture(autouse=True)
def _files(installed: Shell, studios: tuple[FakeStudio, ...]) -> None:
    write_all(installed, studios, EVERY)


def test_a_worker_that_is_killed_while_it_writes_is_replaced_and_its_pass_made_good(
    database: str, studios: tuple[FakeStudio, ...], daemons: Daemons
) -> None:
    workers = {each.process.pid: each for each in (daemons.start(name, JOBS) for name in "ab")}
    killed: list[int] = []

    def kill(call: Call) -> Answer | None:
        if not call.is_write or killed:
            return None
        (record,) = (each for each in passes(database, studios[0]) if not each.finished_at)
        killed.append(int(record.holder.rpartition(":")[2]))
        return workers[killed[0]].dies_writing(call)

    until(lambda: at_rest(database, *studios))
    assert agrees(*studios)
    studios[0].spoil = kill
    drift(studios[0])
    bring_forward(database)
    until(lambda: killed)
    before = len(studios[0].writes)
    let_time_go_by(database)
    until(lambda: agrees(studios[0]) and verdicts(database, studios[0])[0] is Verdict.DONE)

    records = passes(database, studios[0])
    (lost,) = (each for each in records if each.verdict is Verdict.INTERRUPTED)
    assert lost.holder.endswith(f":{killed[0]}")
    assert not any(
        each.holder == lost.holder for each in records if each.started_at > lost.started_at
    )
    assert len(studios[0].writes) == before + 1

    (left,) = (each for pid, each in workers.items() if pid != killed[0])
    assert left.ends_well()


def test_a_database_that_is_restarted_costs_no_worker_and_no_tenant(
    server: Server, database: str, studios: tuple[FakeStudio, ...], daemons: Daemons
) -> None:
    worker = daemons.start("worker", JOBS)
    until(lambda: at_rest(database, *studios))
    assert agrees(*studios)
    with server.stopped():
        drift(*studios)
    bring_forward(database)
    until(lambda: agrees(*studios))
    until(lambda: all(verdicts(database, each)[0] is Verdict.DONE for each in studios))
    assert worker.ends_well()


@pytest.mark.usefixtures("database")
def test_a_second_signal_ends_a_worker_at_once(
    studios: tuple[FakeStudio, ...], daemons: Daemons
) -> None:
    worker = daemons.start("worker", JOBS).process

    def insist(call: Call) -> Answer | None:
        if call.is_write:
            # Not the same twice: two that wait to be heard would be one.
            worker.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGINT)
            worker.wait(PATIENCE)
        return None

    studios[1].spoil = insist
    assert worker.wait(PATIENCE) in {128 + signal.SIGTERM, 128 + signal.SIGINT}
