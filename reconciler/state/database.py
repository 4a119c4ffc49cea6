"""
One opened database: its transactions, what its errors mean, what its users share.

Whoever writes waits for a turn. A tenant's writers take turns with each other and not with
those of other tenants; whoever changes the tables themselves has the database alone. In an
SQLite file there is one turn for all, as SQLite has it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeAlias, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from reconciler.errors import StateError
from reconciler.state import sqlite
from reconciler.state.turn import Turn

Explain: TypeAlias = Callable[[SQLAlchemyError], StateError]
Thing = TypeVar("Thing")


class Database:
    """A database, for all of a process who use it. Threads may share it."""

    def __init__(self, engine: Engine, explain: Explain) -> None:
        self._engine = engine
        self._explain = explain
        self._making = threading.Lock()
        self._things: dict[Hashable, object] = {}

    @contextmanager
    def transaction(self, **turn: str | bool | None) -> Iterator[Connection]:
        """
        A transaction, done when this block ends and undone if it raises.

        One that writes says `writes=True` and whose turn it waits for: `tenant`,
        everybody's (`alone=True`), or nobody's.
        """
        with (
            self._turn(turn.get("tenant")),
            self._explained(),
            self._engine.connect() as connection,
        ):
            connection.execution_options(**turn)
            with connection.begin():
                yield connection

    def shared(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """What was made under this key for all who use this database; now, if it was not yet."""
        with self._making:
            if key not in self._things:
                self._things[key] = make()
            return cast("Thing", self._things[key])

    def reclaim(self) -> None:
        """Give the room of what was deleted back to the disk. PostgreSQL sees to it by itself."""
        if self._engine.dialect.name == "sqlite":
            with self._explained():
                sqlite.reclaim(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def _turn(self, tenant: Hashable) -> AbstractContextManager[None]:
        """The turn of the tenant's writers in this process; nobody's is not waited for."""
        if tenant is None:
            return nullcontext()
        return self.shared((Turn, tenant), Turn).taken()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except NoConnectionFree:
            raise StateError(
                "the state cannot be used: no connection of this process came free in time",
                remedy="See that the database answers: it is slow, or stands still.",
            ) from None
        except DBAPIError as error:
            raise self._explain(error) from None  # the cause may quote rows, and so tokens
