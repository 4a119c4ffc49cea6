"""
The queue of passes: jobs of Procrastinate, in the database that keeps the state.

A tenant has a queue and a lock of its own, so that a worker takes the jobs of those tenants
alone that it knows, and no two of one tenant run at once. Asking for a pass, and looking
whether one waits already, is one transaction of the tenant's turn to write. That, and no
queueing lock of Procrastinate's, keeps more than one of a kind from waiting: with a queueing
lock, a job that has to be tried again while another one waits could not be put back, and
would lock its tenant for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

from reconciler.errors import StateError
from reconciler.state import postgres
from reconciler.state.store import Store

TASK: Final = "reconciler.pass"

SILENT: Final = timedelta(seconds=20)
"""How long a worker says nothing before its jobs are given to others."""

_LONGEST_NAME: Final = 128  # of a queue, in Procrastinate's tables

_WAITING: Final = text(
    "SELECT id, scheduled_at FROM procrastinate_jobs"
    " WHERE lock = :lock AND status = 'todo' AND priority = :urgency"
)
_IN_HAND: Final = text(
    "SELECT DISTINCT lock FROM procrastinate_jobs"
    " WHERE lock = ANY (:locks) AND status IN ('todo', 'doing')"
)
# One statement that looks at rows only once they are locked: a job that somebody else has put
# back meanwhile, and that has begun anew, is not put back once more.
_PUT_BACK: Final = text(
    """
    WITH lost AS (
        SELECT job.id
          FROM procrastinate_jobs job
         WHERE job.status = 'doing' AND job.task_name = :task
           AND (NOT EXISTS (SELECT 1 FROM procrastinate_workers worker
                             WHERE worker.id = job.worker_id
                               AND worker.last_heartbeat >= now() - :silent)
                OR job.worker_id = :me AND job.id <> ALL (:running)
                   AND (SELECT max(event.at) FROM procrastinate_events event
                         WHERE event.job_id = job.id AND event.type = 'started') < now() - :silent)
           FOR UPDATE SKIP LOCKED)
    SELECT procrastinate_retry_job_v2(lost.id, now(), NULL, NULL, NULL) FROM lost
    """
)
# By the catalogue: `to_regclass` would go by what this session remembers of a table that was not
# there before it waited for its turn.
_FITNESS: Final = text(
    """
    SELECT EXISTS (SELECT FROM pg_class
                    WHERE relname = 'procrastinate_jobs' AND pg_table_is_visible(oid)) AS made,
           EXISTS (SELECT FROM pg_proc
                    WHERE proname = 'procrastinate_retry_job_v2'
                      AND pg_function_is_visible(oid)) AS fit
    """
)


class Urgency(IntEnum):
    """What a pass is wanted for; the priority of its job, so that no later one is in its way."""

    DUE = 0
    NOW = 1


def connecting(place: str) -> dict[str, Any]:
    """What psycopg is told to connect to a state as the state itself does. Raises StateError."""
    url = postgres.read_url(place)
    return {**url.get_dialect()().create_connect_args(url)[1], **postgres.connect_arguments(url)}


def lock_of(tenant: str) -> str:
    """The lock of a tenant's jobs, with our name before it: others may use the same tables."""
    return f"reconciler/{tenant}"


def queue_of(tenant: str) -> str:
    """The queue of a tenant's jobs."""
    return lock_of(tenant)[:_LONGEST_NAME]


class Queue:
    """Asks for passes, each through the state of the tenant it is for. Threads may share it."""

    def __init__(self) -> None:
        # Never opened: all it does goes through the connection that it is handed.
        self._app = App(connector=SyncPsycopgConnector())

    @staticmethod
    def prepare(store: Store) -> None:
        """Make the queue's tables where they are missing, whoever else is about to."""
        with store.read() as connection:
            if _is_fit(connection):
                return
        with store.write_alone() as connection:
            if not _is_fit(connection):
                _make_tables(connection)

    def want(self, store: Store, urgency: Urgency, at: datetime | None = None) -> bool:
        """
        See to it that a pass begins at `at`, or now; whether there was need to.

        One of its kind that waits is enough, and is brought forward if that is for later.
        """
        with store.write() as connection:
            waiting = _waiting(connection, store.tenant, urgency)
            if any(when is None or (at is not None and when <= at) for when in waiting.values()):
                return False
            for id in waiting:
                self._withdraw(connection, id)
            self._defer(connection, store.tenant, urgency, at)
        return True

    @staticmethod
    def idle(store: Store, tenants: Iterable[str]) -> frozenset[str]:
        """Those of the tenants of whom no job waits or runs."""
        with store.read() as connection:
            return _idle(connection, tenants)

    def begin(self, store: Store) -> bool:
        """Ask for a pass where no job of this tenant waits or runs; whether that was so."""
        with store.write() as connection:
            if not _idle(connection, (store.tenant,)):
                return False
            self._defer(connection, store.tenant, Urgency.DUE, None)
        return True

    @staticmethod
    def put_back(store: Store, *, me: int | None, running: Collection[int]) -> int:
        """
        Give the jobs of workers that are silent or gone to others; how many they were.

        Also those that this process's worker, `me`, has by the tables and does not run: the
        database was away when it was to be told of their end.
        """
        given = {"task": TASK, "silent": SILENT, "me": me, "running": list(running)}
        with store.write_across() as connection:
            return len(connection.execute(_PUT_BACK, given).all())

    def _withdraw(self, connection: Connection, id: int) -> None:
        with _explained():
            manager = self._app.job_manager
            manager.cancel_job_by_id(id, delete_job=True, connection=_driver(connection))

    def _defer(
        self, connection: Connection, tenant: str, urgency: Urgency, at: datetime | None
    ) -> None:
        job = self._app.configure_task(
            TASK,
            lock=lock_of(tenant),
            queue=queue_of(tenant),
            priority=urgency.value,
            schedule_at=at,
            connection=_driver(connection),
        )
        with _explained():
            job.defer(tenant=tenant)


def _waiting(connection: Connection, tenant: str, urgency: Urgency) -> dict[int, datetime | None]:
    given = {"lock": lock_of(tenant), "urgency": urgency.value}
    return {row.id: row.scheduled_at for row in connection.execute(_WAITING, given)}


def _idle(connection: Connection, tenants: Iterable[str]) -> frozenset[str]:
    locks = {lock_of(tenant): tenant for tenant in tenants}
    busy = connection.scalars(_IN_HAND, {"locks": list(locks)})
    return frozenset(locks.values()) - {locks[lock] for lock in busy}


def _is_fit(connection: Connection) -> bool:
    found = connection.execute(_FITNESS).one()
    if found.made and not found.fit:
        raise StateError(
            "the job queue's tables in this database are those of an older Procrastinate",
            remedy="Apply its migrations up to 3.4, or give the state a database of its own.",
        )
    return bool(found.made)


def _make_tables(connection: Connection) -> None:
    try:
        _driver(connection).execute(SchemaManager.get_schema())
    except psycopg.Error as error:
        raise StateError(
            f"the job queue's tables cannot be made: {_first_line(error)}",
            remedy="Start it once as a database user who may create tables, types and functions;"
            " or let one apply Procrastinate's schema, as docs/jobs.md shows.",
        ) from None


def _driver(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the queue is in PostgreSQL")
    return driver


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ProcrastinateException as error:
        told = _first_line(error.__cause__ or error)
        raise StateError(f"the job queue cannot be used: {told}") from None


def _first_line(error: BaseException) -> str:
    # Only the first: details quote whole rows.
    return next(iter(str(error).splitlines()), type(error).__name__)
