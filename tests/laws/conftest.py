"""A state for the scenes of this folder, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.laws.memory import folder_in_memory
from tests.laws.mortal import Slate
from tests.laws.worlds import HOST


@pytest.fixture(scope="module")
def slate() -> Iterator[Slate]:
    with folder_in_memory() as folder:
        made = Slate(folder, HOST)
        yield made
        made.store.close()
