"""
The state as an SQLite file: how it is made, opened, and what its errors mean.

The file holds tokens, so it is made with mode 0600 before a byte is in it, and found
wider it is narrowed. Write-ahead logging lets readers and one writer work at once, and
every commit reaches the disk (`synchronous=FULL`): a pass commits a few times a
request, which no disk is too slow for.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from reconciler.errors import StateError

BUSY_SECONDS: Final = 15.0
"""How long a writer waits for another one's transaction, which takes milliseconds."""

KEPT: Final = 5
MOST: Final = 15
"""How many connections a process keeps, and how many it has at most: one of them writes."""

SWITCH_TRIES: Final = 100
SWITCH_PAUSE_SECONDS: Final = 0.05

MOST_LEFT_BYTES: Final = 4 * 1024 * 1024
"""How much of the log of a large transaction stays on disk once it is written back."""

OWNER_ONLY: Final = 0o600

START_ANEW: Final = (
    "Move it away and run again: a new one is begun. History, remembered ids and renewed tokens "
    "go with the old one; with OAuth, `reconciler login` follows."
)
ELSEWHERE: Final = "set `state` in the file, or $RECONCILER_STATE, to a place where it can be"
REMEDIES: Final = {
    sqlite3.SQLITE_CORRUPT: ("is damaged", START_ANEW),
    sqlite3.SQLITE_NOTADB: ("is no SQLite file", START_ANEW),
    sqlite3.SQLITE_READONLY: (
        "cannot be written",
        f"Give this user the right to write the file and its folder, or {ELSEWHERE}.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        f"Give this user the right to read and write the file and its folder, or {ELSEWHERE}.",
    ),
    sqlite3.SQLITE_BUSY: (
        f"has been locked by another process for {BUSY_SECONDS:g} s",
        "See what else has the file open, and run again.",
    ),
    sqlite3.SQLITE_FULL: ("cannot grow", "Make room on the disk, and run again."),
}


def make_file(path: Path) -> None:
    """Make the file if it is not there, for its owner alone; refuse where it cannot be."""
    if not path.parent.is_dir():
        raise StateError(
            f"the state {path} cannot be made: its folder {path.parent} is not there",
            remedy=f"Make the folder, or {ELSEWHERE}.",
        )
    if path.is_dir():
        raise StateError(f"the state {path} is a folder", remedy=f"Name a file: {ELSEWHERE}.")
    try:
        # Never opened when it is there: closing it would drop the locks that another
        # connection of this process has on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY))
    except FileExistsError:
        _narrow(path)
    except OSError as error:
        raise StateError(
            f"the state {path} cannot be made: {error.strerror}",
            remedy=f"Give this user the right to write in {path.parent}, or {ELSEWHERE}.",
        ) from error


def _narrow(path: Path) -> None:
    for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            if part.stat().st_mode & 0o077:
                part.chmod(OWNER_ONLY)


def open_engine(path: Path, *, readonly: bool) -> Engine:
    """An engine over the file, which has to be there. Transactions that write say so: `writes`."""
    connect = _reader(path) if readonly else _writer(path)
    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=KEPT,
        max_overflow=MOST - KEPT,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A plain BEGIN that comes to write later fails at once when somebody else did,
        # whatever the timeout; an immediate one waits its turn.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def reclaim(engine: Engine) -> None:
    """Cut what deleted rows leave free off the end of the file; best effort."""
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            # One step frees one page, and only a script takes all the steps. What is not given
            # back now is used again.
            with contextlib.suppress(sqlite3.Error):
                driver.executescript("PRAGMA incremental_vacuum")
    finally:
        connection.close()


def _writer(path: Path) -> Callable[[], sqlite3.Connection]:
    pragmas = (
        "journal_mode=WAL",
        f"journal_size_limit={MOST_LEFT_BYTES}",
        "synchronous=FULL",
        "foreign_keys=ON",
    )

    def connect() -> sqlite3.Connection:
        # Only while nothing is in it can a file learn to shrink; later, asking costs a write.
        is_new = path.stat().st_size == 0
        first = ("auto_vacuum=INCREMENTAL",) if is_new else ()
        return _prepared(f"{path.as_uri()}?mode=rw", *first, *pragmas)

    return connect


def _reader(path: Path) -> Callable[[], sqlite3.Connection]:
    # Write-ahead logging wants its side files even to read. Where they cannot be made and
    # none is left to be read, nobody is writing.
    as_we_are = os.access in os.supports_effective_ids
    writable = os.access(path.parent, os.W_OK, effective_ids=as_we_are)
    settled = not writable and not Path(f"{path}-wal").exists()
    how = "mode=ro&immutable=1" if settled else "mode=ro"
    return lambda: _prepared(f"{path.as_uri()}?{how}", "query_only=ON")


def _prepared(uri: str, *pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in pragmas:
            _set(connection, pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    # The change to write-ahead logging does not wait its turn, whatever the timeout: of
    # two processes that meet a new file, one is told at once that it is locked.
    for is_last in (*[False] * (SWITCH_TRIES - 1), True):
        try:
            connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.OperationalError as error:
            if is_last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(SWITCH_PAUSE_SECONDS)
        else:
            return


def explain(path: Path, error: SQLAlchemyError) -> StateError:
    """Say what an error of the driver means for the file, and what to do about it."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind of error
    what, remedy = REMEDIES.get(code, ("cannot be used", None))
    return StateError(f"the state {path} {what}: {cause}", remedy=remedy)
