"""
A daemon as a process that counts as a machine of its own.

What tells machines apart is the host's name, and a process may have one to
itself (`unshare --uts`, which asks for root). A process id proves nothing
across hosts: that one of these is dead is seen by its leases alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = Path(sys.executable).with_name("reconciler")
AS_A_MACHINE = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"')


def can_be_machines() -> bool:
    """Whether processes may have names of their own here."""
    done = subprocess.run(  # noqa: S603 - ours
        [*AS_A_MACHINE, "node0", "true"], check=False, capture_output=True
    )
    return done.returncode == 0


@dataclass(slots=True)
class Machine:
    """One daemon over a folder of files. Its name is its host's name and its token."""

    name: str
    files: Path
    state: str
    logs: Path
    cpu: float = field(default=0.0, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - ours
                [
                    *AS_A_MACHINE,
                    self.name,
                    str(COMMAND),
                    "-c",
                    str(self.files),
                    "run",
                    "--log-format",
                    "json",
                ],
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.logs,
            )

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def check(self) -> None:
        """Raise where it was started and has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: {self.log.read_text('utf-8')[-2000:]}")

    def kill(self) -> None:
        """Lose it: no signal it could hear, no word to anybody."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish what it has in hand."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu += usage.ru_utime + usage.ru_stime

    def _environment(self) -> Mapping[str, str]:
        return {"RECONCILER_STATE": self.state, "STUDIO_ACCESS_TOKEN": self.name}
