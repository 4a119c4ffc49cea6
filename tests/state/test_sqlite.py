"""What only the state as a file has: modes, folders, write-ahead logging, damage."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from reconciler.errors import StateError
from reconciler.state.store import Store, open_store, open_store_readonly
from tests.state.conftest import TENANT

NOBODY = 65534


@pytest.fixture(scope="module")
def engine() -> str:
    return "sqlite"


def remedy_of(error: pytest.ExceptionInfo[StateError]) -> str:
    assert error.value.remedy is not None
    return error.value.remedy


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


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


def test_looking_makes_no_file(path: Path) -> None:
    assert open_store_readonly(str(path), tenant=TENANT) is None
    assert not path.exists()


def test_looking_at_an_empty_file_leaves_it_empty(path: Path) -> None:
    path.touch()
    assert open_store_readonly(str(path), tenant=TENANT) is None
    assert path.stat().st_size == 0


def test_a_file_made_by_others_is_filled_with_our_tables(path: Path) -> None:
    sqlite3.connect(path).close()
    with open_store(str(path), tenant=TENANT) as store, store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM passes")) == 0
