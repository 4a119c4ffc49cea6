"""What every measurement is given: the program, a folder, and how large the worlds are."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.bench.big import big_world
from tests.bench.figure import Figure
from tests.bench.files import Wanted
from tests.bench.measure import Program
from tests.bench.serving import Server, serving

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    Where a measurement takes place.

    `scale` divides the worlds (1, or 10 for a quick look); noisy figures are
    the best of so many `repeats`.
    """

    program: Program
    folder: Path
    scale: int = 1
    repeats: int = 3

    def limit(self, at_full_scale: float) -> float | None:
        """A limit on time or memory, which says nothing about smaller worlds."""
        return at_full_scale if self.scale == 1 else None

    @contextmanager
    def tenant(self, collections: int, shares: int) -> Iterator[Server]:
        """Serve a tenant of that size, divided by the scale; in its folder is an empty `work`."""
        size = {"collections": max(1, collections // self.scale), "shares_per_collection": shares}
        with serving({HOST: size}, self.folder) as server:
            yield server

    @contextmanager
    def work(self, name: str = "config.yaml") -> Iterator[Path]:
        """Give the path of a file still to be written, in an empty folder of its own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(folder) / name


Measurement: TypeAlias = Callable[[Stage], Iterator[Figure]]


def wanted(server: Server, collections: int, shares: int, **options: Any) -> Wanted:  # noqa: ANN401 - of Wanted
    """The file for the first so many collections of a tenant that is served."""
    world = big_world(collections, shares)
    return Wanted(world=world, url=server.url, **options)


def pass_seconds(config: Path) -> float:
    """How long the last pass took, by the record in the state beside the file."""
    with closing(sqlite3.connect(config.with_name("reconciler.db"))) as state:
        (microseconds,) = state.execute(
            "SELECT finished_at - started_at FROM passes ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    return float(microseconds / 1_000_000)


def say(what: str) -> None:
    """Tell on stderr what is being measured: it takes minutes."""
    sys.stderr.write(f"… {what}\n")
    sys.stderr.flush()
