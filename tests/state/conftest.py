"""A state of its own for every test, and an instant to begin at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.state.store import Store, open_store

TENANT = "school.test"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reconciler.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(str(path), tenant=TENANT) as opened:
        yield opened
