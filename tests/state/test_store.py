from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from reconciler.errors import StateError
from reconciler.state.migrate import STEPS
from reconciler.state.schema import SCHEMA_VERSION, metadata
from reconciler.state.store import Store, open_store, open_store_readonly
from tests.state.conftest import TENANT

NOBODY = 65534


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def remedy_of(error: pytest.ExceptionInfo[StateError]) -> str:
    assert error.value.remedy is not None
    return error.value.remedy


def test_a_new_file_and_what_lies_beside_it_are_its_owners_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(str(path), tenant=TENANT):
            made = {each.name: mode(each) for each in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert made == {f"{path.name}{end}": 0o600 for end in ("", "-wal", "-shm")}


def test_a_file_that_was_left_wide_open_is_narrowed(store: Store, path: Path) -> None:
    store.close()
    path.chmod(0o644)
    open_store(str(path), tenant=TENANT).close()
    assert mode(path) == 0o600


def test_a_link_to_a_file_that_is_not_there_makes_it_its_owners_alone(tmp_path: Path) -> None:
    link, target = tmp_path / "link.db", tmp_path / "target.db"
    link.symlink_to(target)
    open_store(str(link), tenant=TENANT).close()
    assert mode(target) == 0o600


def test_it_writes_ahead_and_to_the_disk(store: Store) -> None:
    with store.read() as connection:
        journal = connection.scalar(text("PRAGMA journal_mode"))
        synchronous = connection.scalar(text("PRAGMA synchronous"))
    assert (journal, synchronous) == ("wal", 2)


def test_a_folder_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"its folder .*missing is not there") as error:
        open_store(str(tmp_path / "missing" / "reconciler.db"), tenant=TENANT)
    assert "Make the folder" in remedy_of(error)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="is a folder"):
        open_store(str(tmp_path), tenant=TENANT)


@pytest.mark.parametrize("opener", [open_store, open_store_readonly])
def test_a_file_of_something_else_is_refused_with_a_way_out(
    path: Path, opener: type[object]
) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at\n" * 100)
    with pytest.raises(StateError, match="is no SQLite file") as error:
        opener(str(path), tenant=TENANT)  # type: ignore[call-arg]
    assert "Move it away" in remedy_of(error)


def test_a_damaged_file_is_refused_with_a_way_out(store: Store, path: Path) -> None:
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(StateError, match="is damaged") as error:
        open_store(str(path), tenant=TENANT)
    assert "Move it away" in remedy_of(error)


@contextmanager
def powerless() -> Iterator[None]:
    """As somebody to whom file modes apply."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def readonly_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "reconciler.db"
        open_store(str(path), tenant=TENANT).close()
        path.chmod(0o444)
        folder.chmod(0o555)
        try:
            yield path
        finally:
            folder.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_file_that_cannot_be_written_is_told_when_opened(readonly_path: Path) -> None:
    with powerless(), pytest.raises(StateError, match=r"cannot be (written|opened)") as error:
        open_store(str(readonly_path), tenant=TENANT)
    assert "right to" in remedy_of(error)


def test_a_file_that_cannot_be_written_can_be_looked_at(readonly_path: Path) -> None:
    with powerless():
        store = open_store_readonly(str(readonly_path), tenant=TENANT)
        assert store is not None
        with store, store.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM passes")) == 0


def test_a_newer_schema_is_refused_and_left_as_it_is(store: Store, path: Path) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for opener in (open_store, open_store_readonly):
        with pytest.raises(StateError, match="newer reconciler: its schema is 0999") as error:
            opener(str(path), tenant=TENANT)
        assert "Update reconciler" in remedy_of(error)
    with store.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0999"


def test_the_steps_lead_to_the_tables_the_program_uses(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_the_newest_step_is_the_version_the_program_knows() -> None:
    assert ScriptDirectory(str(STEPS)).get_current_head() == SCHEMA_VERSION


def test_opening_what_is_current_does_not_pay_for_alembic(store: Store, path: Path) -> None:
    store.close()
    script = (
        "import sys; from reconciler.state.store import open_store;"
        "open_store(sys.argv[1], tenant='t').close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, str(path)], check=True
    )


def test_processes_that_open_a_new_file_at_once_all_succeed(path: Path) -> None:
    script = (
        "import sys; from reconciler.state.store import open_store; sys.stdin.read();"
        "open_store(sys.argv[1], tenant='t').close()"
    )
    command = [sys.executable, "-c", script, str(path)]
    openers = [
        subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own interpreter
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.close()
    assert [opener.wait(timeout=60) for opener in openers] == [0, 0, 0, 0]


def test_looking_makes_no_file(path: Path) -> None:
    assert open_store_readonly(str(path), tenant=TENANT) is None
    assert not path.exists()


def test_looking_at_a_file_without_tables_finds_nothing_and_makes_none(path: Path) -> None:
    path.touch()
    assert open_store_readonly(str(path), tenant=TENANT) is None
    assert path.stat().st_size == 0


@pytest.mark.usefixtures("store")
def test_what_was_opened_to_look_cannot_write(path: Path) -> None:
    looking = open_store_readonly(str(path), tenant=TENANT)
    assert looking is not None
    with (
        looking,
        pytest.raises(StateError, match="cannot be written"),
        looking.write() as connection,
    ):
        connection.execute(text("DELETE FROM passes"))


def test_a_block_that_raises_writes_nothing(store: Store) -> None:
    statement = text("INSERT INTO tokens (tenant, access) VALUES ('t', 'a')")
    with pytest.raises(RuntimeError), store.write() as connection:  # noqa: PT012 - the block
        connection.execute(statement)
        raise RuntimeError
    with store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tokens")) == 0


def test_no_value_of_a_row_shows_in_an_error(store: Store) -> None:
    statement = text("INSERT INTO tokens (tenant, access) VALUES ('t', :access)")
    with pytest.raises(StateError) as error, store.write() as connection:  # noqa: PT012
        connection.execute(statement, {"access": "hunter2"})
        connection.execute(statement, {"access": "hunter2"})
    assert "hunter2" not in str(error.value)
    assert error.value.__suppress_context__


def test_a_file_made_by_others_is_filled_with_our_tables(path: Path) -> None:
    sqlite3.connect(path).close()
    with open_store(str(path), tenant=TENANT) as store, store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM passes")) == 0


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("mysql://root:hunter2@db/x", "cannot be kept in mysql://", id="no such kind"),
        pytest.param("postgresql://u:hunter2@db:port/x", "cannot be read", id="port is a word"),
        pytest.param(
            "postgresql://u:hunter2@127.0.0.1:1/x", r"u:\*\*\*@127.0.0.1:1/x", id="nobody there"
        ),
        pytest.param(
            "postgresql://u@127.0.0.1:1/x?password=hunter2", "127.0.0.1:1/x", id="in the query"
        ),
    ],
)
def test_a_bad_url_is_told_without_its_password(url: str, message: str) -> None:
    pytest.importorskip("psycopg")
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
