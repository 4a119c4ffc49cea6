"""A served tenant of another hand, and a shell in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.fake_studio import FakeStudio, fake_studio, school
from tests.end_to_end.shell import QuickShell


@pytest.fixture(scope="module")
def _served() -> Iterator[FakeStudio]:
    with fake_studio() as studio:
        yield studio


@pytest.fixture
def studio(_served: FakeStudio) -> FakeStudio:
    return school(_served)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[QuickShell]:
    shell = QuickShell(tmp_path)
    yield shell
    assert shell.keeps_no_secret()
