from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.state.shelf import Shelf, open_shelf
from tests.state.worlds import any_text

texts = st.dictionaries(any_text, st.binary(max_size=50), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    place = tmp_path_factory.mktemp("shelf") / "reconciler.db"
    return open_shelf(str(place), Path("config.yaml"))


@given(kept=texts)
def test_the_texts_saved_last_are_recalled_in_their_order(
    shelf: Shelf, kept: dict[str, bytes]
) -> None:
    shelf.save(kept)
    recalled = shelf.recall()
    assert recalled is not None
    assert list(recalled.items()) == list(kept.items())


def test_the_texts_of_another_file_are_not_taken(tmp_path: Path) -> None:
    place = str(tmp_path / "reconciler.db")
    open_shelf(place, tmp_path / "one.yaml").save({"one.yaml": b"version: 1"})
    assert open_shelf(place, tmp_path / "two.yaml").recall() is None
