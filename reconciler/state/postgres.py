"""
The state in PostgreSQL, for several machines: how it is opened, and what its errors mean.

A transaction that writes first takes an advisory lock of its tenant, which goes with the
transaction. So there is one writer of a tenant at a time, and the rest of the room may look
before it writes. All of them share a second lock, which whoever changes the tables takes for
itself alone. A writer that falls silent, because its machine is gone or stands still, must
not keep a lock for the hours that a connection may outlive it: the server ends its session,
and the transaction is undone.

Nothing is asked of a session that would have to last longer than a transaction, so a pooler
that hands its sessions out by transaction may stand in between.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from reconciler.errors import StateError

WRITER_LOCK: Final = 0x7265636F6E63696C  # "reconcil": any number that nobody else takes
"""Shared by all who write, and taken alone by whoever changes the tables."""

LOCK_SECONDS: Final = 15
"""How long a writer waits for another one's transaction, which takes milliseconds."""

SILENT_SECONDS: Final = 10
"""How long a writer may say nothing within its transaction. Less than others wait for it."""

ANSWER_SECONDS: Final = 30
"""How long an answer is waited for, but by whoever changes the tables: more than for a lock."""

KEPT: Final = 5
"""How many connections a process keeps."""

MOST: Final = 10
"""
How many it has at most, while it needs them.

However many tenants it serves: a server lets in a hundred by default, for all processes
together, and a transaction takes milliseconds.
"""

CONNECTION: Final = {
    "connect_timeout": 5,
    # A server that is gone without a word is noticed before a lease's life is over, so that it
    # may be renewed at another one.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 4,
    "tcp_user_timeout": 12_000,
}
"""What libpq is told, in seconds and milliseconds, where the URL says nothing of it."""


def read_url(text: str) -> URL:
    """Read `postgresql://…`. What is wrong is told without the text, which holds a password."""
    try:
        url = make_url(text).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        url = None
    # With an @ in it the host begins with the rest of a password, and is shown.
    if url is None or "@" in (url.host or ""):
        raise StateError(
            "the state's postgresql:// URL cannot be read",
            remedy="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with @ : / and % in the "
            "password as %40 %3A %2F and %25.",
        )
    return url


def open_engine(url: URL, *, readonly: bool) -> Engine:
    """An engine over the database. Transactions that write say so: `writes`."""
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=KEPT,
            max_overflow=MOST - KEPT,
            pool_pre_ping=True,  # a daemon outlives its server's restarts
            # Whatever the server's default: a statement after the lock has to see what the
            # holder before has written.
            isolation_level="READ COMMITTED",
            connect_args=connect_arguments(url),
            execution_options={"postgresql_readonly": True} if readonly else {},
        )
    except ImportError:
        raise StateError(
            f"the state {shown(url)} needs the PostgreSQL driver, which is not installed",
            remedy="Install it: pip install 'studio-reconciler[postgres]'.",
        ) from None

    event.listen(engine, "do_connect", _connect)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        turn = connection.get_execution_options()
        _be_patient(connection, alone=turn.get("alone", False))
        if turn.get("writes", False):
            # One message, so one way there and back.
            connection.exec_driver_sql(
                f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s';"
                f"SET LOCAL idle_in_transaction_session_timeout = '{SILENT_SECONDS}s';"
                f"SELECT {_locks(turn.get('tenant'), alone=turn.get('alone', False))}"
            )

    return engine


def _connect(_dialect: object, _record: object, given: list[Any], named: dict[str, Any]) -> object:
    from reconciler.state.answering import Answering  # noqa: PLC0415 - an extra

    connection = Answering.connect(*given, **named)
    connection.seconds = ANSWER_SECONDS
    return connection


def _be_patient(connection: Connection, *, alone: bool) -> None:
    """Let what changes the tables take as long as it takes."""
    driver: Any = connection.connection.driver_connection
    driver.seconds = None if alone else ANSWER_SECONDS


def connect_arguments(url: URL) -> dict[str, int | None]:
    """What the driver is told beside the URL, for any connection of ours."""
    return {
        # Statements prepared in one session are missing in the next a pooler gives us.
        "prepare_threshold": None,
        **{key: value for key, value in CONNECTION.items() if key not in url.query},
    }


def _locks(tenant: str | None, *, alone: bool) -> str:
    if alone:
        return f"pg_advisory_xact_lock({WRITER_LOCK})"
    everybody = f"pg_advisory_xact_lock_shared({WRITER_LOCK})"
    return everybody if tenant is None else f"{everybody}, pg_advisory_xact_lock({_lock(tenant)})"


def _lock(tenant: str) -> int:
    """The tenant's own lock. Two that share one only wait for each other."""
    name, ours = tenant.encode(errors="surrogatepass"), WRITER_LOCK.to_bytes(8)
    return int.from_bytes(blake2b(name, digest_size=8, person=ours).digest(), signed=True)


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
