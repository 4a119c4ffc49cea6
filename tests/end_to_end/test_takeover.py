"""Two daemons over one state: one writes, the other stands by and takes over a dead one's seat."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reconciler.state.history import History
from reconciler.state.records import PassRecord, Verdict
from reconciler.state.store import open_store_readonly
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import COMMAND, PATIENCE, Shell, config

ROWS = """
- name: Biology 101
  shares: [{user: lin@school.edu}, {user: omar@school.edu, permission: edit}]
- name: Chemistry
  shares: [{user: grace@school.edu, permission: edit}]
"""
# One request at a time in each daemon: two at once would be two daemons'.
PACE = "  auth: {"
ONE_BY_ONE = "  concurrency: 1\n  batch_size: 1\n  timeout: 1s\n  auth: {"
AGREED = {
    4711: {("user", 103): "view", ("user", 104): "edit"},
    4712: {("user", 102): "edit"},
}
TAKEN_OVER_WITHIN = 15.0
"""Seconds, on a busy machine. On the same host a dead process is seen, not waited for."""


@dataclass
class Daemon:
    """One `reconciler run`, and the file that it logs to."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8")


@dataclass
class Daemons:
    """Starts them; none outlives its test."""

    shell: Shell
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self, name: str) -> Daemon:
        path = self.shell.folder / f"{name}.log"
        log = self.stack.enter_context(path.open("wb"))
        process = subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, "--log-format", "json", "run"],
            cwd=self.shell.folder,
            env={"PATH": os.defpath, **self.shell.environment},
            stdout=subprocess.DEVNULL,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        self.stack.callback(process.wait, PATIENCE)
        self.stack.callback(process.kill)
        return Daemon(process, path)


@pytest.fixture
def daemons(installed: Shell) -> Iterator[Daemons]:
    made = Daemons(installed)
    with made.stack:
        yield made


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def agrees(studio: FakeStudio) -> bool:
    return all(studio.shares(id) == shares for id, shares in AGREED.items())


def drift(studio: FakeStudio) -> None:
    studio.shares(4711)["user", 105] = "edit"


def passes(shell: Shell, studio: FakeStudio) -> list[PassRecord]:
    """The passes on record, the newest first."""
    tenant = studio.url.removeprefix("http://")
    store = open_store_readonly(str(shell.folder / "reconciler.db"), tenant=tenant)
    assert store is not None
    with store:
        return list(History(store).passes(1000))


def holders(shell: Shell, studio: FakeStudio) -> list[str]:
    """The process that ran each pass, the newest first."""
    return [each.holder.rpartition(":")[2] for each in passes(shell, studio)]


def test_a_daemon_that_is_killed_while_it_writes_is_taken_over_and_made_good(
    installed: Shell, studio: FakeStudio, daemons: Daemons
) -> None:
    text = config(studio.url, ROWS, more="schedule: {every: 10s, jitter: 0s}\n")
    installed.write(text.replace(PACE, ONE_BY_ONE))
    first = daemons.start("first")
    until(lambda: agrees(studio))
    second = daemons.start("second")
    until(lambda: second.said("standing by"))

    # A bell that rings for the one standing by moves nothing: only the seat's holder acts.
    second.process.send_signal(signal.SIGHUP)
    before = len(studio.writes)
    drift(studio)
    first.process.send_signal(signal.SIGHUP)
    until(lambda: agrees(studio))
    assert len(studio.writes) == before + 1
    assert set(holders(installed, studio)) == {str(first.process.pid)}

    killed: list[float] = []

    def kill(call: Call) -> Answer | None:
        if call.is_write and not killed:
            first.process.kill()
            first.process.wait(PATIENCE)
            killed.append(time.monotonic())
            return Answer(503)
        return None

    studio.spoil = kill
    drift(studio)
    studio.shares(4712).clear()
    first.process.send_signal(signal.SIGHUP)
    until(lambda: killed and agrees(studio))

    assert time.monotonic() - killed[0] < TAKEN_OVER_WITHIN
    assert second.process.poll() is None
    assert second.said(f":{first.process.pid}")
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(PATIENCE) == 0
    told = holders(installed, studio)
    its, others = str(second.process.pid), str(first.process.pid)
    assert told == [its] * told.count(its) + [others] * told.count(others)
    assert passes(installed, studio)[told.count(its)].verdict is Verdict.INTERRUPTED


def test_two_daemons_never_write_at_once(
    installed: Shell, studio: FakeStudio, daemons: Daemons
) -> None:
    writing: list[Call] = []
    together: list[Call] = []

    def slow(call: Call) -> Answer | None:
        if call.is_write:
            writing.append(call)
            studio.lock.release()
            time.sleep(0.2)
            studio.lock.acquire()
            writing.remove(call)
            together.extend(writing)
        return None

    studio.spoil = slow
    text = config(studio.url, ROWS, more="schedule: {every: 10s, jitter: 0s}\n")
    installed.write(text.replace(PACE, ONE_BY_ONE))
    both = [daemons.start("one"), daemons.start("other")]
    until(lambda: any(each.said("standing by") for each in both))
    for _ in range(3):
        drift(studio)
        for each in both:
            each.process.send_signal(signal.SIGHUP)
        until(lambda: agrees(studio))
    (sitting,) = [each for each in both if each.said("the seat is taken")]
    (standing,) = [each for each in both if each is not sitting]

    # Told to stop, the one that sits gives its seat away at once.
    drift(studio)
    sitting.process.send_signal(signal.SIGTERM)
    assert sitting.process.wait(PATIENCE) == 0
    until(lambda: standing.said("the seat is taken") and agrees(studio))

    assert together == []
    told = holders(installed, studio)
    assert len(set(told)) == 2
    assert sorted(told, key=[str(standing.process.pid), str(sitting.process.pid)].index) == told
