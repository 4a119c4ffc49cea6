"""Workers of many tenants over one queue: passes as jobs, and what becomes of those that fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reconciler.cli import jobs as shifts
from reconciler.cli.handover import take_over
from reconciler.cli.jobs import Shift
from reconciler.cli.places import Places
from reconciler.cli.workplace import Workplace
from reconciler.daemon import backoff
from reconciler.daemon import worker as workers
from reconciler.daemon.breaker import Breaker
from reconciler.daemon.letter import Letter
from reconciler.daemon.outbox import Outbox
from reconciler.errors import ConfigError, UsageError
from reconciler.state.records import Verdict
from reconciler.state.store import open_store
from tests.cli import fleets
from tests.cli.fleets import ROWS, drift, healed
from tests.end_to_end.fake_studio import TOKEN, Answer, Call, FakeStudio
from tests.end_to_end.recorded import at_rest, passes, verdicts
from tests.end_to_end.shell import config
from tests.patience import PATIENCE, until
from tests.state.queued import bring_forward, sql, waiting
from tests.state.server import Server

LOOK = 0.1


@pytest.fixture
def url(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with server.database() as url:
        monkeypatch.setenv("RECONCILER_STATE", url)
        yield url


@pytest.fixture
def folder(
    folder: Path, studios: tuple[FakeStudio, ...], url: str, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """No pass is due while a test runs, and workers look twenty times as often as they do."""
    assert url
    for module, name in [(shifts, "EVERY"), (shifts, "LOST"), (shifts, "MENDING")]:
        monkeypatch.setattr(module, name, LOOK)
    monkeypatch.setattr(workers, "ASK", LOOK)
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.0)
    for number, studio in enumerate(studios):
        write(folder, number, studio)
    return folder


SELDOM = "366d"
"""A tenant's passes are due at times that its name decides: an hour's would come in some tests."""


def write(folder: Path, number: int, studio: FakeStudio, rows: str = ROWS, more: str = "") -> None:
    schedule = f"schedule: {{every: {SELDOM}, jitter: 0s}}\n"
    fleets.write(folder, number, studio, rows, more=schedule + more)


@dataclass
class Posted(Outbox):
    """Keeps the letters that would be sent."""

    letters: list[Letter] = field(default_factory=list)

    def post(self, letter: Letter, targets: object) -> None:
        assert isinstance(targets, tuple | list)
        self.letters.append(letter)

    @property
    def titles(self) -> list[str]:
        return [each.message.title for each in self.letters]


@contextmanager
def working(
    folder: Path, *, observe: bool = False, outbox: Outbox | None = None
) -> Iterator[Shift]:
    """A worker in a thread of this process; a failure of its own ends the test."""
    with ExitStack() as stack:
        work = Workplace(observe=observe, outbox=outbox or stack.enter_context(Outbox()))
        stack.enter_context(closing(work.stores))
        shift = Shift(Places((folder,)), work, 4)
        failures: list[BaseException] = []

        def run() -> None:
            try:
                shift.run()
            except BaseException as error:  # noqa: BLE001 - told below
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield shift
        finally:
            shift.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive()
        if failures:
            raise failures[0]


def test_tenants_converge_and_their_next_passes_wait(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder):
        until(lambda: at_rest(url, *studios))
        assert healed(*studios)
        drift(studios[0])
        bring_forward(url)
        until(lambda: healed(*studios) and at_rest(url, *studios))
    jobs = waiting(url)
    assert [set(job.args) for job in jobs] == [{"tenant"}] * 4
    assert all(job.scheduled_at > datetime.now(UTC) for job in jobs)
    assert [len(passes(url, each)) for each in studios] == [2, 2, 2, 2]


def test_two_workers_share_the_passes_and_write_no_tenant_at_once(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder), working(folder) as second:
        until(lambda: at_rest(url, *studios))
        for _ in range(3):
            drift(studios[0])
            second.reload()
            bring_forward(url)
            until(lambda: healed(*studios) and at_rest(url, *studios))
    for studio in studios:
        # A pass of a tenant begins when the one before has ended.
        for later, earlier in pairwise(passes(url, studio)):
            assert earlier.finished_at is not None
            assert earlier.finished_at <= later.started_at
    # The drift was taken back once each time.
    assert len(studios[0].writes) == 4


def test_a_failed_pass_is_tried_again_until_it_is_done(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    failing = studios[1]
    failing.token = "another"
    with working(folder):
        until(lambda: verdicts(url, failing).count(Verdict.FAILED) >= 2)
        until(lambda: healed(studios[0], *studios[2:]))
        failing.token = TOKEN
        until(lambda: at_rest(url, *studios))
    assert healed(failing)


def test_too_many_failures_in_a_row_stop_the_writing_whoever_made_them(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    failing = studios[1]
    failing.token = "another"
    with working(folder):
        until(lambda: verdicts(url, failing).count(Verdict.FAILED) >= 5)
    failing.token = TOKEN
    with working(folder):
        until(lambda: verdicts(url, failing)[0] is Verdict.DONE)
        assert not healed(failing)
        # A person has seen to it.
        write(folder, 1, failing, more="# mended\n")
        until(lambda: healed(failing))


def test_people_are_told_once_by_all_workers_together(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    first, second = Posted(), Posted()
    for studio in studios[1:]:
        (folder / f"{studios.index(studio)}.yaml").unlink()
    unresolved = "- {name: Chemistry, shares: [{user: 102}, {user: nobody@school.edu}]}\n"
    write(folder, 0, studios[0], unresolved)
    with working(folder, outbox=first):
        until(lambda: at_rest(url, studios[0]))
    (told,) = first.titles
    with working(folder, outbox=second):
        bring_forward(url)
        until(lambda: len(passes(url, studios[0])) == 2 and at_rest(url, studios[0]))
        assert second.titles == []
        write(folder, 0, studios[0])
        until(lambda: second.titles)
    assert told.startswith("the file names somebody who is nobody")
    assert second.titles == ["everybody in the file is found"]


def test_a_changed_file_is_followed_at_once_by_one_of_the_workers(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder), working(folder):
        until(lambda: at_rest(url, *studios))
        write(folder, 0, studios[0], "- {name: Chemistry, shares: [{user: 102}]}\n")
        until(lambda: not healed(studios[0]) and at_rest(url, *studios))
        time.sleep(5 * LOOK)
    # Who is given the pass before it has seen the file goes by the old one, and asks for another.
    assert len(passes(url, studios[0])) in {2, 3}
    assert [len(passes(url, each)) for each in studios[1:]] == [1, 1, 1]
    assert len(studios[0].writes) == 2


def test_a_file_that_changed_while_nobody_worked_is_followed_at_the_start(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder):
        until(lambda: at_rest(url, *studios))
    write(folder, 0, studios[0], "- {name: Chemistry, shares: [{user: 102}]}\n")
    with working(folder):
        until(lambda: not healed(studios[0]))
    assert [len(passes(url, each)) for each in studios[1:]] == [1, 1, 1]


def test_an_earlier_schedule_brings_the_next_pass_forward(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder):
        until(lambda: at_rest(url, *studios))
        later = {job.lock: job.scheduled_at for job in waiting(url)}
        text = (folder / "0.yaml").read_text(encoding="utf-8")
        (folder / "0.yaml").write_text(text.replace(SELDOM, "23h"), encoding="utf-8")
        until(lambda: len(passes(url, studios[0])) == 2 and at_rest(url, *studios))
        sooner = {job.lock: job.scheduled_at for job in waiting(url)}
    (moved,) = (lock for lock in later if sooner[lock] != later[lock])
    assert moved.endswith(studios[0].host)
    assert sooner[moved] < later[moved]


def test_a_tenant_begins_with_its_file_and_ends_with_it(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    (folder / "2.yaml").unlink()
    with capture_logs() as told, working(folder):
        until(lambda: at_rest(url, *studios[:2], studios[3]))
        write(folder, 2, studios[2])
        until(lambda: at_rest(url, *studios))
        (folder / "0.yaml").unlink()
        until(lambda: any(each["event"].startswith("the file is gone") for each in told))
        bring_forward(url)
        until(lambda: [len(passes(url, each)) for each in studios[1:]] == [2, 2, 2])
    assert len(passes(url, studios[0])) == 1


def test_a_chain_that_was_lost_begins_anew(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder):
        until(lambda: at_rest(url, *studios))
        sql(url, "DELETE FROM procrastinate_jobs")
        until(lambda: all(len(passes(url, each)) == 2 for each in studios))
        until(lambda: at_rest(url, *studios))


def test_a_broken_file_keeps_the_last_good_one_in_force(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder):
        until(lambda: at_rest(url, *studios))
        (folder / "0.yaml").write_text("version: 2\n", encoding="utf-8")
        time.sleep(5 * LOOK)
        drift(studios[0])
        bring_forward(url)
        until(lambda: healed(*studios))


def test_who_only_observes_writes_nowhere(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    with working(folder, observe=True):
        until(lambda: at_rest(url, *studios))
    assert not any(each.writes for each in studios)


def test_a_pass_that_is_stopped_is_gone_on_with_by_another_worker(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    began, go_on = threading.Event(), threading.Event()

    def hold(call: Call) -> Answer | None:
        if call.is_write and not began.is_set():
            began.set()
            assert go_on.wait(PATIENCE)
        return None

    studios[0].spoil = hold
    rows = ROWS + "- {name: Biology 101, shares: [{user: 105}]}\n"
    text = config(studios[0].url, rows).replace("  auth: {", "  concurrency: 1\n  auth: {")
    (folder / "0.yaml").write_text(text, encoding="utf-8")
    with working(folder) as first:
        assert began.wait(PATIENCE)
        first.stop()
        go_on.set()
    assert verdicts(url, studios[0]) == [Verdict.STOPPED]
    with working(folder):
        until(lambda: at_rest(url, *studios))
    assert set(studios[0].shares(4711)) == {("user", 105)}


def test_a_worker_that_ends_while_it_reads_has_not_failed(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    began, go_on = threading.Event(), threading.Event()

    def hold(_call: Call) -> Answer | None:
        began.set()
        assert go_on.wait(PATIENCE)
        return None

    for studio in studios[1:]:
        (folder / f"{studios.index(studio)}.yaml").unlink()
    studios[0].spoil = hold
    outbox = Posted()
    with working(folder, outbox=outbox) as worker:
        assert began.wait(PATIENCE)
        worker.stop()
        go_on.set()
    assert verdicts(url, studios[0]) == [Verdict.STOPPED]
    with open_store(url, tenant=studios[0].host) as store:
        assert take_over(store).breaker == Breaker()
    assert outbox.titles == []
    with working(folder):
        until(lambda: at_rest(url, studios[0]))


def test_files_that_are_all_broken_are_no_start(folder: Path, url: str) -> None:
    assert url
    for number in range(4):
        (folder / f"{number}.yaml").write_text("version: 2\n", encoding="utf-8")
    with pytest.raises(ConfigError) as told, working(folder):
        time.sleep(0)
    assert {problem.location.line for problem in told.value.problems} >= {1}
    assert len({problem.location.path for problem in told.value.problems}) == 4


ELSEWHERE = [
    pytest.param("reconciler.db", "needs its state in PostgreSQL", id="a-file"),
    pytest.param("{env: OTHER}", "another one than that of the files", id="another-database"),
]


@pytest.fixture
def each_its_own(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The files say where the state is, and nothing overrides them."""
    monkeypatch.delenv("RECONCILER_STATE")
    monkeypatch.setenv("STATE", url)
    monkeypatch.setenv("OTHER", "postgresql://u:pass-5ecret@127.0.0.1:1/other")


@pytest.mark.usefixtures("each_its_own")
@pytest.mark.parametrize(("state", "told"), ELSEWHERE)
def test_a_state_elsewhere_is_told_by_its_file(
    folder: Path, studios: tuple[FakeStudio, ...], state: str, told: str
) -> None:
    for number, place in enumerate(("{env: STATE}", state, *["{env: STATE}"] * 2)):
        write(folder, number, studios[number], more=f"state: {place}\n")
    with pytest.raises(UsageError, match=told) as error, working(folder):
        time.sleep(0)
    assert "1.yaml" in str(error.value)
    assert "5ecret" not in str(error.value)
    assert not (folder / "reconciler.db").exists()


@pytest.mark.usefixtures("each_its_own")
def test_a_file_that_is_broken_at_the_start_is_gone_by_as_it_last_was_good(
    folder: Path, url: str, studios: tuple[FakeStudio, ...]
) -> None:
    for number, studio in enumerate(studios):
        write(folder, number, studio, more="state: {env: STATE}\n")
    with working(folder):
        until(lambda: at_rest(url, *studios))
    (folder / "0.yaml").write_text("version: 2\n", encoding="utf-8")
    drift(studios[0])
    with working(folder):
        bring_forward(url)
        until(lambda: healed(*studios))
    assert not (folder / "reconciler.db").exists()
