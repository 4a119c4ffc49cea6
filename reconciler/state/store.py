"""
The state, opened: one database, one tenant, transactions that read or write.

Nothing correct depends on it. Lose it and the next pass still converges; what goes is
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from reconciler.errors import StateError
from reconciler.state import migrate, postgres, sqlite
from reconciler.state.schema import SCHEMA_VERSION

Explain: TypeAlias = Callable[[SQLAlchemyError], StateError]


class Store:
    """
    One tenant's part of the state. Threads may share it; close it when done.

    There is one writer at a time over the whole database, also across processes, so
    what a writing transaction has read stays true until it ends. Never open one inside
    another.
    """

    def __init__(self, engine: Engine, explain: Explain, *, tenant: str) -> None:
        self.tenant = tenant
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._explain = explain

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks. Raises `StateError` when the database fails."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on disk when this block ends, or undone if it raises."""
        with self._explained(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, NoConnectionFree) as error:
            raise self._explain(error) from None  # the cause may quote rows, and so tokens

    def reclaim(self) -> None:
        """Give the room of what was deleted back to the disk. PostgreSQL sees to it by itself."""
        if self._engine.dialect.name == "sqlite":
            with self._explained():
                sqlite.reclaim(self._engine)

    def close(self) -> None:
        self._engine.dispose()

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
        return Store(engine, partial(postgres.explain, url), tenant=tenant)
    path = Path(url_or_path).resolve()
    engine = sqlite.open_engine(path, readonly=readonly)
    return Store(engine, partial(sqlite.explain, path), tenant=tenant)
