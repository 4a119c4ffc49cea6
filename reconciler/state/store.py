"""
The state, opened: one database, one tenant, transactions that read or write.

Nothing correct depends on it. Lose it and the next pass still converges; what goes is
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from reconciler.errors import StateError
from reconciler.state import migrate, postgres, sqlite
from reconciler.state.database import Database
from reconciler.state.schema import SCHEMA_VERSION

Thing = TypeVar("Thing")


class Store:
    """
    One tenant's part of the state. Threads may share it; close it when done.

    There is one writer of a tenant at a time, also across processes, so what a
    writing transaction has read of it stays true until it ends. Never open one
    inside another.
    """

    def __init__(self, database: Database, *, tenant: str, owner: bool = True) -> None:
        self.tenant = tenant
        self._database = database
        self._owner = owner

    def sibling(self, tenant: str) -> Store:
        """
        Another tenant's part of the same opened database, and of its few connections.

        Closing it closes nothing; closing the first one closes them all.
        """
        return Store(self._database, tenant=tenant, owner=False)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks. Raises `StateError` when the database fails."""
        with self._database.transaction() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on disk when this block ends, or undone if it raises."""
        with self._database.transaction(writes=True, tenant=self.tenant) as connection:
            yield connection

    @contextmanager
    def write_across(self) -> Iterator[Connection]:
        """
        The same over rows of any tenants, which waits for none of their writers.

        What it has read may change before it ends: each of its statements has to
        say which rows it means as they are by then.
        """
        with self._database.transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def write_alone(self) -> Iterator[Connection]:
        """The same while nobody else writes anything: for changes of the tables themselves."""
        with self._database.transaction(writes=True, alone=True) as connection:
            yield connection

    def shared(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """What was made under this key for this one and its siblings; now, if it was not yet."""
        return self._database.shared(key, make)

    def reclaim(self) -> None:
        """Give the room of what was deleted back to the disk. PostgreSQL sees to it by itself."""
        self._database.reclaim()

    def close(self) -> None:
        if self._owner:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(url_or_path: str, *, tenant: str) -> Store:
    """
    Open the state to read and write; make it, or bring it up to date, where need be.

    Takes a path or `postgresql://…`. Raises `StateError`, with the remedy, when it
    cannot be used as it should.
    """
    if not _is_url(url_or_path):
        sqlite.make_file(Path(url_or_path).resolve())
    store = _connect(url_or_path, tenant, readonly=False)
    try:
        # A transaction that writes even when there is nothing to do: what cannot be
        # written is told now, not in the middle of a pass.
        with store.write() as connection:
            current = migrate.version(connection) == SCHEMA_VERSION
        if not current:
            with store.write_alone() as connection:
                migrate.bring_up_to_date(connection)
    except BaseException:
        store.close()
        raise
    return store


def open_store_readonly(url_or_path: str, *, tenant: str) -> Store | None:
    """
    Open the state to look only. Nothing is made, and nothing brought up to date.

    None when there is nothing to read: no file, no tables yet, or tables of an older
    program, which the next command that writes brings up to date.
    """
    if not _is_url(url_or_path) and not Path(url_or_path).exists():
        return None
    store = _connect(url_or_path, tenant, readonly=True)
    try:
        with store.read() as connection:
            usable = migrate.version(connection) == SCHEMA_VERSION
    except BaseException:
        store.close()
        raise
    if usable:
        return store
    store.close()
    return None


def _is_url(url_or_path: str) -> bool:
    scheme, mark, _ = url_or_path.partition("://")
    if mark and scheme != "postgresql":
        raise StateError(
            f"the state cannot be kept in {scheme}://",
            remedy="Give the path of a file, or postgresql://…",
        )
    return bool(mark)


def _connect(url_or_path: str, tenant: str, *, readonly: bool) -> Store:
    if _is_url(url_or_path):
        url = postgres.read_url(url_or_path)
        engine = postgres.open_engine(url, readonly=readonly)
        explain = partial(postgres.explain, url)
        database = Database(engine, explain, connections=postgres.MOST, one_writer=False)
        return Store(database, tenant=tenant)
    path = Path(url_or_path).resolve()
    engine = sqlite.open_engine(path, readonly=readonly)
    explain = partial(sqlite.explain, path)
    database = Database(engine, explain, connections=sqlite.MOST, one_writer=True)
    return Store(database, tenant=tenant)
