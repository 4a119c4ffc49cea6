"""What only the state in PostgreSQL has: URLs, a driver, sessions, servers that go away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import Connection, text

from reconciler.errors import Busy, StateError
from reconciler.state import postgres, turn
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, SEAT, TTL, Grant, acquire, holder_of
from reconciler.state.renewals import renew_all
from reconciler.state.store import Store, open_store, open_store_readonly
from tests.patience import until
from tests.state.conftest import TENANT
from tests.state.server import PASSWORD, WRITTEN, Server
from tests.state.worlds import NOW, begin


@pytest.fixture(scope="module")
def engine() -> str:
    return "postgres"


def remedy_of(error: pytest.ExceptionInfo[StateError]) -> str:
    assert error.value.remedy is not None
    return error.value.remedy


def shows_no_password(error: pytest.ExceptionInfo[StateError]) -> bool:
    shown = f"{error.value} {error.value!r} {error.value.remedy}"
    return PASSWORD not in shown and WRITTEN not in shown and "hunter2" not in shown


@pytest.mark.parametrize("opener", [open_store, open_store_readonly])
@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        pytest.param(WRITTEN, "hunter2", "password authentication failed", id="another password"),
        pytest.param("/test_", "/other_", 'database "other_.*" does not exist', id="no database"),
        pytest.param(f":{WRITTEN}", "", "no password supplied", id="no password"),
    ],
)
def test_a_server_that_lets_us_not_in_is_told_with_a_way_out(
    place: str, opener: type[object], right: str, wrong: str, message: str
) -> None:
    with pytest.raises(StateError, match=message) as error:
        opener(place.replace(right, wrong), tenant=TENANT)  # type: ignore[call-arg]
    assert "See that the server runs" in remedy_of(error)
    assert shows_no_password(error)


def test_who_may_only_read_is_told_at_the_first_word_written(store: Store, place: str) -> None:
    with store.write() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN PASSWORD 'hunter2'"))
        connection.execute(text("GRANT USAGE ON SCHEMA public TO reader"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    theirs = place.replace(f"reconciler:{WRITTEN}", "reader:hunter2")
    looking = open_store_readonly(theirs, tenant=TENANT)
    assert looking is not None
    with looking:
        assert Journal(looking).passes(9) == ()
    with (
        open_store(theirs, tenant=TENANT) as other,
        pytest.raises(StateError, match="permission denied for table passes") as error,
    ):
        begin(Journal(other), "A")
    assert shows_no_password(error)


def test_a_server_that_was_away_is_used_again(store: Store, server: Server) -> None:
    journal = Journal(store)
    begin(journal, "A")
    with server.stopped():
        for _ in range(2):
            with pytest.raises(StateError, match="cannot be used: ") as error:
                begin(journal, "B")
            assert "See that the server runs" in remedy_of(error)
            assert shows_no_password(error)
    begin(journal, "C")
    assert {record.id for record in journal.passes(9)} == {"A", "C"}


def test_a_transaction_whose_session_ends_is_undone_and_told(store: Store, place: str) -> None:
    journal = Journal(store)
    with (
        pytest.raises(StateError, match="cannot be used: ") as error,
        store.write() as connection,
    ):
        _write_cut_short(connection, place)
    assert shows_no_password(error)
    begin(journal, "A")
    with store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tokens")) == 0


def test_a_lease_outlives_its_server_s_restart(store: Store, server: Server) -> None:
    with LeaseKeeper(store, SEAT, ttl=timedelta(seconds=30)) as seat:
        with server.stopped(), pytest.raises(StateError):
            seat.require(31)
        assert seat.seconds_left > 0
        assert seat.fence == 1
        held = holder_of(store, SEAT)
        assert held is not None
        with pytest.raises(Busy, match="has 30 s left"):
            seat.require(30)
        again = holder_of(store, SEAT)
        assert again is not None
        assert again.beat > held.beat
    assert holder_of(store, SEAT) is None


HOLDER = """
import sys
from reconciler.state.lease import PASS, holder_of
from reconciler.state.store import open_store

with open_store(sys.argv[1], tenant="school.test") as store:
    sys.exit(0 if holder_of(store, PASS) else 1)
"""


def test_what_could_not_be_given_back_ends_by_itself_and_is_ours_to_take_again_at_once(
    store: Store, server: Server, place: str
) -> None:
    with LeaseKeeper(store, PASS):
        server.stop()
    server.start()
    command = [sys.executable, "-c", HOLDER, place]
    subprocess.run(command, check=True)  # noqa: S603 - our own interpreter
    with open_store(place, tenant=TENANT) as anew:
        assert holder_of(anew, PASS) is None
        with LeaseKeeper(anew, PASS, patience=timedelta(0)) as lease:
            assert lease.fence == 2


def test_a_writer_that_waits_too_long_for_another_is_told(
    store: Store, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 0.05)
    with open_store(place, tenant=TENANT) as other, other.write():
        with pytest.raises(StateError, match="canceling statement due to lock timeout"):
            begin(Journal(store), "A")
        assert Journal(store).passes(9) == ()


def test_a_writer_that_falls_silent_is_cut_off_before_those_who_wait_give_up(store: Store) -> None:
    with store.write() as connection:
        silent = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        waiting = connection.scalar(text("SHOW lock_timeout"))
    assert (silent, waiting) == ("10s", "15s")


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_writer_sees_what_was_written_while_it_waited_whatever_the_server_s_default(
    server: Server, level: str
) -> None:
    with server.database() as place:
        name = place.rpartition("/")[2]
        with psycopg.connect(place, autocommit=True) as sql:
            sql.execute(
                SQL("ALTER DATABASE {} SET default_transaction_isolation = {}").format(
                    Identifier(name), Literal(level)
                )
            )
        with open_store(place, tenant=TENANT) as store:
            for opened in (store.read(), store.write()):
                with opened as connection:
                    assert _isolation(connection) == "read committed"


def _isolation(connection: Connection) -> str:
    return str(connection.scalar(text("SHOW transaction_isolation")))


def _write_cut_short(connection: Connection, place: str) -> None:
    query = (
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection.execute(text("INSERT INTO tokens (tenant, access) VALUES ('t', 'hunter2')"))
    with psycopg.connect(place, autocommit=True) as sql:
        sql.execute(query)
    connection.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("mysql://root:hunter2@db/x", "cannot be kept in mysql://", id="no such kind"),
        pytest.param("postgresql://u:hunter2@db:port/x", "cannot be read", id="port is a word"),
        pytest.param("postgresql://u:a@hunter2@db/x", "cannot be read", id="an @ in the password"),
        pytest.param(
            "postgresql://u:hunter2@127.0.0.1:1/x", r"u:\*\*\*@127.0.0.1:1/x", id="nobody there"
        ),
        pytest.param(
            "postgresql://u@127.0.0.1:1/x?password=hunter2", "127.0.0.1:1/x", id="in the query"
        ),
    ],
)
def test_a_bad_url_is_told_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StateError, match=message) as error:
        open_store(url, tenant=TENANT)
    assert "hunter2" not in str(error.value)
    assert error.value.remedy


def test_without_its_driver_postgresql_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StateError, match="driver") as error:
        open_store("postgresql://db/x", tenant=TENANT)
    assert "studio-reconciler[postgres]" in remedy_of(error)


def test_leases_are_renewed_again_once_the_server_is_back(store: Store, server: Server) -> None:
    with LeaseKeeper(store, SEAT, ttl=timedelta(seconds=1)) as seat:
        with server.stopped():
            pass
        before = holder_of(store, SEAT)
        until(lambda: holder_of(store, SEAT) != before)
        assert seat.fence == 1


@contextmanager
def silent(connection: Connection) -> Iterator[None]:
    """While the server keeps this session, and answers nothing."""
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_server_that_keeps_a_session_and_answers_nothing_is_not_waited_for(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ANSWER_SECONDS", 0.3)
    with open_store(place, tenant=TENANT) as store:
        with (
            pytest.raises(StateError, match="no answer within") as error,
            store.write() as connection,
            silent(connection),
        ):
            connection.execute(text("SELECT 1"))
        assert "See that the server runs" in remedy_of(error)
        begin(Journal(store), "A")


def test_what_changes_the_tables_may_take_its_time(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ANSWER_SECONDS", 0.3)
    with open_store(place, tenant=TENANT) as store:
        with store.write_alone() as connection:
            connection.execute(text("SELECT pg_sleep(0.8)"))
        with pytest.raises(StateError, match="no answer"), store.read() as connection:
            connection.execute(text("SELECT pg_sleep(0.8)"))


# --- turns -------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has to wait for a turn gives up at once."""
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 0.05)


@pytest.mark.usefixtures("impatient")
def test_tenants_do_not_wait_for_each_other(store: Store) -> None:
    with store.write(), store.sibling("other.test").write(), store.write_across():
        pass


def test_writers_who_wait_for_their_tenant_keep_no_connection_from_others(place: str) -> None:
    with open_store(place, tenant=TENANT) as store, ExitStack() as stack:
        elsewhere = stack.enter_context(open_store(place, tenant=TENANT))
        journal = Journal(store)
        writers = [threading.Thread(target=begin, args=(journal, f"{n}")) for n in range(12)]
        with elsewhere.write():
            for each in writers:
                each.start()
            for _ in range(20):
                with store.sibling("other.test").write():
                    time.sleep(0.01)
        for each in writers:
            each.join()
        assert len(journal.passes(99)) == len(writers)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("tenant", [TENANT, "other.test"])
def test_who_changes_the_tables_has_the_database_alone(store: Store, tenant: str) -> None:
    other = store.sibling(tenant)
    with store.write_alone():
        for turn in (other.write, other.write_across, other.write_alone):
            with pytest.raises(StateError, match="lock timeout"), turn():
                pass
    for turn in (other.write, other.write_across):
        with turn(), pytest.raises(StateError, match="lock timeout"), store.write_alone():
            pass


@pytest.mark.usefixtures("impatient")
def test_a_state_that_is_current_is_opened_while_others_write(place: str, store: Store) -> None:
    with store.write(), store.write_across():
        open_store(place, tenant="other.test").close()


def test_locks_of_tenants_are_numbers_postgresql_takes_and_differ() -> None:
    names = ["", "school.test", "schoöl.test", "\udc80", *(f"school-{n}.test" for n in range(300))]
    numbers = {postgres._lock(name) for name in names}
    assert len(numbers) == len(names)
    assert all(-(2**63) <= number < 2**63 for number in numbers)


@pytest.mark.usefixtures("impatient")
def test_a_renewal_waits_for_no_writer_and_for_no_row_that_is_being_taken(store: Store) -> None:
    other = store.sibling("other.test")
    grants = [
        acquire(each, SEAT, holder=Holder(host="ana", pid=1), ttl=TTL, now=NOW)
        for each in (store, other)
    ]
    mine, theirs = (each.nonce for each in grants if isinstance(each, Grant))
    with store.write() as connection:
        connection.execute(text("SELECT * FROM leases WHERE tenant = 'school.test' FOR UPDATE"))
        assert renew_all(store, [mine, theirs], now=NOW) == ({theirs}, set())
    assert renew_all(store, [mine, theirs], now=NOW) == ({mine, theirs}, set())


def test_a_process_opens_no_more_than_its_few_connections(store: Store, place: str) -> None:
    waiting = threading.Barrier(30)

    def look() -> None:
        waiting.wait()
        with store.read() as connection:
            connection.execute(text("SELECT pg_sleep(0.01)"))

    threads = [threading.Thread(target=look) for _ in range(waiting.parties)]
    for each in threads:
        each.start()
    most = 0
    with psycopg.connect(place, autocommit=True) as sql:
        while any(each.is_alive() for each in threads):
            most = max(most, _sessions(sql))
    assert 1 <= most <= postgres.MOST


def test_a_connection_that_does_not_come_free_is_told(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "SECONDS", 0.05)
    with open_store(place, tenant=TENANT) as store, ExitStack() as stack:
        for _ in range(postgres.MOST):
            stack.enter_context(store.read())
        with pytest.raises(StateError, match="no transaction of this process has") as error:
            stack.enter_context(store.read())
        assert "See that the database answers" in remedy_of(error)


def _sessions(sql: psycopg.Connection) -> int:
    row = sql.execute(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchone()
    return row[0] if row else 0
