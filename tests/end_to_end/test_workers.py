"""The installed command as workers of one queue: one is killed in mid-pass, others go on."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest

from reconciler.state.history import History
from reconciler.state.records import PassRecord, Verdict
from reconciler.state.store import open_store_readonly
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio, fake_studio, school
from tests.end_to_end.shell import COMMAND, PATIENCE, Shell, config
from tests.end_to_end.test_postgres import is_quiet
from tests.end_to_end.test_takeover import ONE_BY_ONE, PACE, ROWS, agrees, drift, until
from tests.state.server import Server, postgres

EVERY = "schedule: {every: 10s, jitter: 0s}\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


@pytest.fixture
def database(server: Server, installed: Shell) -> Iterator[str]:
    with server.database() as url:
        installed.environment["RECONCILER_STATE"] = url
        yield url


@pytest.fixture
def studios() -> Iterator[tuple[FakeStudio, ...]]:
    with ExitStack() as stack:
        yield tuple(school(stack.enter_context(fake_studio())) for _ in range(3))


@dataclass
class Workers:
    """Starts them; none outlives its test, and none says what nobody may read."""

    shell: Shell
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> subprocess.Popen[bytes]:
        log = self.stack.enter_context((self.shell.folder / "workers.log").open("ab"))
        process = subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, "--log-format", "json", "-c", "tenants", "run", "--jobs"],
            cwd=self.shell.folder,
            env={"PATH": os.defpath, **self.shell.environment},
            stdout=subprocess.DEVNULL,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        self.stack.callback(process.wait, PATIENCE)
        self.stack.callback(process.kill)
        return process


@pytest.fixture
def workers(installed: Shell, database: str, studios: tuple[FakeStudio, ...]) -> Iterator[Workers]:
    assert database
    for number, studio in enumerate(studios):
        text = config(studio.url, ROWS, more=EVERY).replace(PACE, ONE_BY_ONE)
        installed.write(text, f"tenants/{number}.yaml")
    made = Workers(installed)
    with made.stack:
        yield made
    assert is_quiet((installed.folder / "workers.log").read_text(encoding="utf-8"))


def passes(database: str, studio: FakeStudio) -> list[PassRecord]:
    """The passes on record, the newest first."""
    store = open_store_readonly(database, tenant=studio.url.removeprefix("http://"))
    if store is None:
        return []
    with store:
        return list(History(store).passes(1000))


def let_time_go_by(database: str) -> None:
    """Make the last sign of life of every worker half a minute older."""
    with psycopg.connect(database) as sql:
        sql.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '30 s'"
        )


def test_a_worker_that_is_killed_while_it_writes_is_replaced_and_its_pass_made_good(
    database: str, studios: tuple[FakeStudio, ...], workers: Workers
) -> None:
    killed: list[int] = []
    running: list[subprocess.Popen[bytes]] = []

    def kill(call: Call) -> Answer | None:
        if call.is_write and not killed:
            (record,) = (each for each in passes(database, studios[0]) if not each.finished_at)
            killed.append(int(record.holder.rpartition(":")[2]))
            os.kill(killed[0], signal.SIGKILL)
            (gone,) = (each for each in running if each.pid == killed[0])
            gone.wait(PATIENCE)
            return Answer(503)
        return None

    running += [workers.start(), workers.start()]
    until(lambda: all(agrees(studio) for studio in studios))
    studios[0].spoil = kill
    drift(studios[0])
    until(lambda: killed)
    before = len(studios[0].writes)
    let_time_go_by(database)
    until(lambda: agrees(studios[0]))
    until(lambda: passes(database, studios[0])[0].verdict is Verdict.DONE)

    records = passes(database, studios[0])
    (lost,) = (each for each in records if each.verdict is Verdict.INTERRUPTED)
    assert lost.holder.endswith(f":{killed[0]}")
    assert not any(
        each.holder == lost.holder for each in records if each.started_at > lost.started_at
    )
    assert len(studios[0].writes) == before + 1

    (left,) = (each for each in running if each.pid != killed[0])
    left.terminate()
    assert left.wait(PATIENCE) == 0


def test_a_database_that_is_restarted_costs_no_worker_and_no_tenant(
    server: Server, database: str, studios: tuple[FakeStudio, ...], workers: Workers
) -> None:
    worker = workers.start()
    until(lambda: all(agrees(studio) for studio in studios))
    server.stop()
    for studio in studios:
        drift(studio)
    server.start()
    until(lambda: all(agrees(studio) for studio in studios))
    until(lambda: all(passes(database, each)[0].verdict is Verdict.DONE for each in studios))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0


def test_a_second_signal_ends_a_worker_at_once(
    studios: tuple[FakeStudio, ...], workers: Workers
) -> None:
    worker = workers.start()

    def insist(call: Call) -> Answer | None:
        if call.is_write:
            # Not the same twice: two that wait to be heard would be one.
            worker.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGINT)
            worker.wait(PATIENCE)
        return None

    studios[1].spoil = insist
    assert worker.wait(PATIENCE) in {128 + signal.SIGTERM, 128 + signal.SIGINT}
