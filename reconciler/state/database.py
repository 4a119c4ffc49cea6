"""
One opened database: its transactions, what its errors mean, what its users share.

Whoever writes waits for a turn. A tenant's writers take turns with each other and not with
those of other tenants; whoever changes the tables themselves has the database alone. In an
SQLite file there is one turn for all, as SQLite has it.

The threads of one process stand in line for all that before they ask the database, for
connections too: there they would be let in by chance, each with its own limit of time. What
concerns all tenants, as the renewing of their leases does, goes ahead of the line.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeAlias, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from reconciler.errors import StateError
from reconciler.state import sqlite
from reconciler.state.turn import Turn

Explain: TypeAlias = Callable[[SQLAlchemyError], StateError]
Thing = TypeVar("Thing")


class Database:
    """A database, for all of a process who use it. Threads may share it."""

    def __init__(
        self, engine: Engine, explain: Explain, *, connections: int, one_writer: bool
    ) -> None:
        self._engine = engine
        self._explain = explain
        self._one_writer = one_writer
        self._connecting = Turn(connections)
        self._making = threading.Lock()
        self._things: dict[Hashable, object] = {}

    @contextmanager
    def transaction(
        self, *, writes: bool = False, tenant: str | None = None, alone: bool = False
    ) -> Iterator[Connection]:
        """
        A transaction, done when this block ends and undone if it raises.

        One that writes waits for its tenant's turn, everybody's (`alone`), or nobody's.
        """
        ahead = writes and tenant is None
        with (
            self._turn(tenant, ahead=ahead) if writes else nullcontext(),
            self._connecting.taken(ahead=ahead),
            self._explained(),
            self._engine.connect() as connection,
        ):
            connection.execution_options(writes=writes, tenant=tenant, alone=alone)
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

    def _turn(self, tenant: str | None, *, ahead: bool) -> AbstractContextManager[None]:
        """The turn of this writer in this process; nobody's is not waited for."""
        if tenant is None and not self._one_writer:
            return nullcontext()
        whose = None if self._one_writer else tenant
        return self.shared((Turn, whose), Turn).taken(ahead=ahead)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._explain(error) from None  # the cause may quote rows, and so tokens
