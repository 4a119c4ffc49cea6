"""Files that come and go, and folders that are swapped meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.places import GONE, Places


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_file_comes_once(folder: Path) -> None:
    places = Places((folder,))
    assert places.look() == ([folder / "a.yaml", folder / "b.yml"], [])
    assert places.look() == ([], [])
    (folder / "c.yaml").touch()
    assert places.look() == ([folder / "c.yaml"], [])


def test_a_file_is_gone_when_some_looks_in_a_row_missed_it(folder: Path) -> None:
    places = Places((folder,))
    places.look()
    (folder / "a.yaml").unlink()
    looks = [places.look() for _ in range(GONE)]
    assert looks == [*[([], [])] * (GONE - 1), ([], [folder / "a.yaml"])]
    (folder / "a.yaml").touch()
    assert places.look() == ([folder / "a.yaml"], [])


def test_a_file_that_is_back_in_time_was_never_gone(folder: Path) -> None:
    places = Places((folder,))
    places.look()
    for _ in range(2 * GONE):
        (folder / "a.yaml").unlink()
        assert places.look() == ([], [])
        (folder / "a.yaml").touch()
        assert places.look() == ([], [])


@pytest.mark.parametrize("empties", [True, False], ids=["empty", "not-there"])
def test_a_folder_that_is_swapped_says_nothing_about_its_files(
    folder: Path, *, empties: bool
) -> None:
    places = Places((folder,))
    places.look()
    for each in folder.iterdir():
        each.unlink()
    if not empties:
        folder.rmdir()
    assert [places.look() for _ in range(2 * GONE)] == [([], [])] * (2 * GONE)


def test_a_file_that_was_named_is_there_whether_it_exists_or_not(tmp_path: Path) -> None:
    named = tmp_path / "config.yaml"
    places = Places((named,))
    assert places.look() == ([named], [])
    assert [places.look() for _ in range(2 * GONE)] == [([], [])] * (2 * GONE)
