"""
The state in PostgreSQL, for several machines: how it is opened, and what its errors mean.

A transaction that writes first takes one advisory lock, which goes with the
transaction. So there is one writer at a time, as SQLite has it, and the rest of the
room may look before it writes. A writer that falls silent, because its machine is gone or
stands still, must not keep the lock for the hours that a connection may outlive it: the
server ends its session, and the transaction is undone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from reconciler.errors import StateError

WRITER_LOCK: Final = 0x7265636F6E63696C  # "reconcil": any number that nobody else takes
LOCK_SECONDS: Final = 15
"""How long a writer waits for another one's transaction, which takes milliseconds."""

SILENT_SECONDS: Final = 10
"""How long a writer may say nothing within its transaction. Less than others wait for it."""

CONNECTION: Final = {
    "connect_timeout": 10,
    # A server that is gone without a word is noticed in half a minute, not after two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
"""What libpq is told, in seconds and milliseconds, where the URL says nothing of it."""


def read_url(text: str) -> URL:
    """Read `postgresql://…`. What is wrong is told without the text, which holds a password."""
    try:
        return make_url(text).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise StateError(
            "the state's postgresql:// URL cannot be read",
            remedy="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with @ : / and % in the "
            "password as %40 %3A %2F and %25.",
        ) from None


def open_engine(url: URL, *, readonly: bool) -> Engine:
    """An engine over the database. Transactions that write say so: `writes`."""
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,  # a daemon outlives its server's restarts
            # Whatever the server's default: a statement after the lock has to see what the
            # holder before has written.
            isolation_level="READ COMMITTED",
            connect_args={
                # Statements prepared in one session are missing in the next a pooler gives us.
                "prepare_threshold": None,
                **{key: value for key, value in CONNECTION.items() if key not in url.query},
            },
            execution_options={"postgresql_readonly": True} if readonly else {},
        )
    except ImportError:
        raise StateError(
            f"the state {shown(url)} needs the PostgreSQL driver, which is not installed",
            remedy="Install it: pip install 'studio-reconciler[postgres]'.",
        ) from None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql(
                f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s';"
                f"SET LOCAL idle_in_transaction_session_timeout = '{SILENT_SECONDS}s'"
            )
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine


def shown(url: URL) -> str:
    """The URL as people may see it. Its query goes too: a password may stand there."""
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def explain(url: URL, error: SQLAlchemyError) -> StateError:
    """Say what an error of the driver means. Only its first line: details quote whole rows."""
    first, *_ = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return StateError(
        f"the state {shown(url)} cannot be used: {first}",
        remedy="See that the server runs, and that this user may read and write the database.",
    )
