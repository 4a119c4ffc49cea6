"""One run of the proof: a database, a town and daemons, all fresh, and what to ask of them."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.fleet.ledger import Ledger, Pass
from tests.bench.fleet.machine import Machine
from tests.bench.fleet.town import Town
from tests.bench.house import Write
from tests.bench.serving import Server, serving
from tests.state.server import Server as Postgres

GLANCE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Scene:
    """Town, server and state; `machines` by their names."""

    town: Town
    server: Server
    ledger: Ledger
    machines: dict[str, Machine]

    def begin(self, names: Iterable[str]) -> float:
        """Start these daemons together; returns the instant."""
        began = time.time()
        for name in names:
            self.machines[name].start()
        return began

    def wait(self, what: str, there: Callable[[], bool], seconds: float) -> float:
        """Wait until something is so; returns the instant. Raises TimeoutError."""
        say(f"waiting: {what}")
        until = time.monotonic() + seconds
        while not there():
            for each in self.machines.values():
                each.check()
            if time.monotonic() > until:
                raise TimeoutError(f"after {seconds:.0f} s still not: {what}")
            time.sleep(GLANCE_SECONDS)
        return time.time()

    def agreed(self, since: float = 0.0) -> set[str]:
        """The tenants with a pass begun since then that left nothing to do."""
        return {
            each.tenant
            for each in self.ledger.passes()
            if each.verdict == "done" and each.started >= since
        }

    def differing(self, hosts: Iterable[str] | None = None) -> list[str]:
        """The tenants whose live shares are not what their files say."""
        asked = self.town.hosts if hosts is None else hosts
        return [host for host in asked if self.server.shares(host) != self.town.wanted(host)]

    def sitting(self) -> Counter[str]:
        """How many seats each daemon that lives has."""
        seats = Counter(seat.host for seat in self.ledger.seats().values())
        return Counter({name: seats[name] for name, each in self.machines.items() if each.is_alive})

    def in_hand(self, names: Sequence[str]) -> list[Pass]:
        """The passes that these daemons have begun and not finished."""
        passes = self.ledger.passes()
        return [each for each in passes if each.finished is None and each.host in names]

    def writes(self) -> list[Write]:
        """Every write in the tenants' audits."""
        return [Write(**each) for each in self.server.writes()]

    def stop(self) -> None:
        """Let all daemons that live finish."""
        for each in self.machines.values():
            each.stop()


@contextmanager
def scene(
    town: Town, postgres: Postgres, folder: Path, names: Sequence[str], latency: float
) -> Iterator[Scene]:
    """Set one up; nothing runs yet but the database and the server."""
    files, logs = folder / "files", folder / "logs"
    files.mkdir(parents=True)
    logs.mkdir()
    with (
        postgres.database() as url,
        serving(town.specs(), folder) as server,
        closing(Ledger(url)) as ledger,
    ):
        town.write_files(files, server.port)
        server.begin(latency=latency)
        machines = {name: Machine(name, files, url, logs) for name in names}
        try:
            with ledger.watching():
                yield Scene(town, server, ledger, machines)
        finally:
            for each in machines.values():
                each.kill()


def say(what: str) -> None:
    """Tell on stderr how it goes: it takes minutes."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")
    sys.stderr.flush()
