"""What a command costs: processor seconds, memory, and the time on the wall."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("reconciler")
PROGRAMS = Path(__file__).with_name("programs")
ROOT = Path(__file__).parents[2]
TOKEN = {"STUDIO_ACCESS_TOKEN": "sandbox"}


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu` and `wall` are seconds, `memory` is the peak of resident megabytes."""

    cpu: float
    wall: float
    memory: float
    status: int
    output: str
    log: str

    def ended(self, *statuses: int) -> Cost:
        """This cost, of a command that ended as it should; else raises with what it said."""
        if self.status not in statuses:
            raise RuntimeError(f"exit {self.status}: {self.output[-2000:]}{self.log[-2000:]}")
        return self


@dataclass(frozen=True, slots=True)
class Program:
    """The program that is measured: the installed one, or the source tree given."""

    tree: Path | None = None

    def cost(self, folder: Path, *arguments: str) -> Cost:
        """Run one of its commands in a folder."""
        path = {} if self.tree is None else {"PYTHONPATH": str(self.tree)}
        return cost_of([str(COMMAND), *arguments], folder, TOKEN | path)


def cost_of(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command and say what it alone cost, children of its own included."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as log:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own command, in our own folder
            arguments,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=log,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        log.seek(0)
        return Cost(
            cpu=usage.ru_utime + usage.ru_stime,
            wall=wall,
            memory=usage.ru_maxrss / 1024,
            status=process.returncode,
            output=output.read(),
            log=log.read(),
        )


def floor(program: str, *arguments: str) -> Cost:
    """Run one of the bench's own programs: the least that could do the work, or another tool."""
    script = str(PROGRAMS / f"{program}.py")
    # -P: the folder of the script is no place to import from.
    command = [sys.executable, "-P", script, *arguments]
    return cost_of(command, ROOT, {"PYTHONPATH": str(ROOT)}).ended(0)


def best_of(times: int, run: Callable[[], Cost]) -> Cost:
    """The cheapest of some runs: the one that the machine disturbed least."""
    return min((run() for _ in range(times)), key=lambda cost: cost.cpu)
