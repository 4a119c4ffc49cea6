"""The state as the other rooms see it, whatever keeps it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, text

from reconciler.errors import StateError
from reconciler.state.migrate import STEPS, VERSION_TABLE
from reconciler.state.schema import SCHEMA_VERSION, metadata
from reconciler.state.store import Store, _connect, open_store, open_store_readonly
from reconciler.state.tokens import StoredTokens, TokenStore
from tests.state.conftest import TENANT


def remedy_of(error: pytest.ExceptionInfo[StateError]) -> str:
    assert error.value.remedy is not None
    return error.value.remedy


def test_a_newer_schema_is_refused_and_left_as_it_is(store: Store, place: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for opener in (open_store, open_store_readonly):
        with pytest.raises(StateError, match="newer reconciler: its schema is 0999") as error:
            opener(place, tenant=TENANT)
        assert "Update reconciler" in remedy_of(error)
    with store.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0999"


def test_the_steps_lead_to_the_tables_the_program_uses(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_the_newest_step_is_the_version_the_program_knows() -> None:
    assert ScriptDirectory(str(STEPS)).get_current_head() == SCHEMA_VERSION


def test_opening_what_is_current_does_not_pay_for_alembic(store: Store, place: str) -> None:
    store.close()
    script = (
        "import sys; from reconciler.state.store import open_store;"
        "open_store(sys.argv[1], tenant='t').close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, place], check=True
    )


def test_processes_that_open_a_new_state_at_once_all_succeed(place: str) -> None:
    script = (
        "import sys; from reconciler.state.store import open_store; sys.stdin.read();"
        "open_store(sys.argv[1], tenant='t').close()"
    )
    opening = [sys.executable, "-c", script, place]
    openers = [
        subprocess.Popen(opening, stdin=subprocess.PIPE)  # noqa: S603 - our own interpreter
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.close()
    assert [opener.wait(timeout=60) for opener in openers] == [0, 0, 0, 0]


def test_looking_at_what_has_no_tables_finds_nothing_and_makes_none(place: str) -> None:
    for _ in range(2):
        assert open_store_readonly(place, tenant=TENANT) is None


@pytest.mark.usefixtures("store")
def test_what_was_opened_to_look_cannot_write(place: str) -> None:
    looking = open_store_readonly(place, tenant=TENANT)
    assert looking is not None
    with (
        looking,
        pytest.raises(StateError, match=r"cannot be written|read-only"),
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


def test_a_sibling_is_another_tenant_s_part_of_the_same_database(store: Store) -> None:
    other = store.sibling("other.test")
    TokenStore(store).save(StoredTokens("mine", None, None, None))
    TokenStore(other).save(StoredTokens("theirs", None, None, None))
    loaded = [TokenStore(each).load() for each in (store, other, other.sibling(TENANT))]
    assert [each and each.access for each in loaded] == ["mine", "theirs", "mine"]


def test_closing_a_sibling_closes_nothing(store: Store) -> None:
    with store.sibling("other.test"), store.read() as connection:
        store.sibling("third.test").close()
        assert connection.scalar(text("SELECT 1")) == 1


def test_what_is_shared_is_made_once_for_all_siblings(store: Store, place: str) -> None:
    made = [each.shared("key", object) for each in (store, store.sibling("a"), store.sibling("b"))]
    assert made[0] is made[1] is made[2]
    assert store.shared("other key", object) is not made[0]
    with open_store(place, tenant=TENANT) as apart:
        assert apart.shared("key", object) is not made[0]


def test_bringing_a_state_up_to_date_keeps_all_that_is_in_it(place: str) -> None:
    make_file(place)
    with _connect(place, TENANT, readonly=False) as old, old.write_alone() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(STEPS))
        command.upgrade(config, "0001")
        for table in tables_of(connection):
            connection.execute(table.insert().values(**{c.name: sample(c) for c in table.c}))
        before = rows_of(connection)
    with open_store(place, tenant=TENANT) as store, store.read() as connection:
        after = rows_of(connection)
    assert after.pop("members") == []
    assert after == before
    assert all(len(rows) == 1 for rows in before.values())


def make_file(place: str) -> None:
    if "://" not in place:
        Path(place).touch()


def tables_of(connection: Connection) -> list[Table]:
    """The tables as they are, those others point to first; without the version of them all."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def rows_of(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: [tuple(row) for row in connection.execute(table.select())]
        for table in tables_of(connection)
    }


def sample(column: Column[object]) -> object:
    """Something that fits; and where rows point to others, the same everywhere."""
    kind = column.type.python_type
    return {bytes: b"\x00\xff", bool: True, int: 7}.get(kind, "seven")
