"""What a command costs: processor seconds, memory, and the time on the wall."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("reconciler")


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu` and `wall` are seconds, `memory` is the peak of resident megabytes."""

    cpu: float
    wall: float
    memory: float
    status: int
    output: str


def cost_of(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command and say what it alone cost, children of its own included."""
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own command, in our own folder
        arguments,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=time.monotonic() - began,
        memory=usage.ru_maxrss / 1024,
        status=process.returncode,
        output=output,
    )


def best_of(times: int, arguments: Sequence[str], folder: Path) -> Cost:
    """The cheapest of some runs: the one that the machine disturbed least."""
    return min((cost_of(arguments, folder) for _ in range(times)), key=lambda cost: cost.cpu)
