from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.state.shelf import Shelf, open_shelf
from tests.state.worlds import any_text

texts = st.dictionaries(any_text, st.binary(max_size=50), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def shelf(shared: str) -> Iterator[Shelf]:
    with closing(open_shelf(shared, Path("config.yaml"))) as opened:
        yield opened


@given(kept=texts)
def test_the_texts_saved_last_are_recalled_in_their_order(
    shelf: Shelf, kept: dict[str, bytes]
) -> None:
    shelf.save(kept)
    recalled = shelf.recall()
    assert recalled is not None
    assert list(recalled.items()) == list(kept.items())


def test_the_texts_of_another_file_are_not_taken(shared: str) -> None:
    with (
        closing(open_shelf(shared, Path("one.yaml"))) as one,
        closing(open_shelf(shared, Path("two.yaml"))) as two,
    ):
        one.save({"one.yaml": b"version: 1"})
        assert two.recall() is None
