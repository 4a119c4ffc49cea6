"""Daemons and workers as processes, over a little school that drifts from what its file says."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.shell import Shell, config
from tests.patience import PATIENCE
from tests.state.server import PASSWORD, WRITTEN

ROWS = """
- name: Biology 101
  shares: [{user: lin@school.edu}, {user: omar@school.edu, permission: edit}]
- name: Chemistry
  shares: [{user: grace@school.edu, permission: edit}]
"""
AGREED = {
    4711: {("user", 103): "view", ("user", 104): "edit"},
    4712: {("user", 102): "edit"},
}
EVERY = "schedule: {every: 10s, jitter: 0s}\n"


def one_by_one(url: str, more: str = "") -> str:
    """A file by which a daemon makes one request at a time: two at once would be two daemons'."""
    text = config(url, ROWS, more=more)
    return text.replace("  auth: {", "  concurrency: 1\n  batch_size: 1\n  timeout: 1s\n  auth: {")


def write_all(shell: Shell, studios: Iterable[FakeStudio], more: str = "") -> None:
    """Such a file for each, in a folder that every command goes by."""
    for number, studio in enumerate(studios):
        shell.write(one_by_one(studio.url, more), f"tenants/{number}.yaml")
    shell.environment["RECONCILER_CONFIG"] = "tenants"


def agrees(*studios: FakeStudio) -> bool:
    """Whether everything in all of them is as the file says."""
    return all(each.shares(id) == shares for each in studios for id, shares in AGREED.items())


def drift(*studios: FakeStudio) -> None:
    """Share a course with somebody whom the file does not know."""
    for studio in studios:
        studio.shares(4711)["user", 105] = "edit"


def is_quiet(text: str) -> bool:
    """Whether it shows neither the password of the database nor a traceback."""
    return PASSWORD not in text and WRITTEN not in text and "Traceback" not in text


@dataclass
class Daemon:
    """One `reconciler run`, and the file that it logs to."""

    process: subprocess.Popen[str]
    log: Path

    def said(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8")

    def dies_writing(self, call: Call) -> Answer | None:
        """What a tenant does by which it is killed at its next write, of which nothing comes."""
        if not call.is_write or self.process.poll() is not None:
            return None
        self.process.kill()
        self.process.wait(PATIENCE)
        return Answer(503)

    def is_asked_for_a_pass(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def ends_well(self) -> bool:
        """Whether it ends with success when it is told to stop."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE) == 0


@dataclass
class Daemons:
    """Starts them in a folder."""

    shell: Shell
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self, name: str, *options: str) -> Daemon:
        """Have one more `reconciler run`, which logs to a file of its own."""
        path = self.shell.folder / f"{name}.log"
        log = self.stack.enter_context(path.open("w", encoding="utf-8"))
        run = ("--log-format", "json", "run", *options)
        return Daemon(self.stack.enter_context(self.shell.left_running(*run, into=log)), path)


@contextmanager
def daemons_in(shell: Shell) -> Iterator[Daemons]:
    """None outlives the block, and none says what nobody may read."""
    made = Daemons(shell)
    with made.stack:
        yield made
    for log in shell.folder.glob("*.log"):
        assert is_quiet(log.read_text(encoding="utf-8"))
