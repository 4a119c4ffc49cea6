"""A tenant of another hand, served, and shells to work on it from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.fake_studio import FakeStudio, fake_studio, school
from tests.end_to_end.shell import QuickShell, Shell


@pytest.fixture(scope="module")
def _served() -> Iterator[FakeStudio]:
    with fake_studio() as studio:
        yield studio


@pytest.fixture
def studio(_served: FakeStudio) -> FakeStudio:
    return school(_served)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[QuickShell]:
    """Commands in this process: fast."""
    shell = QuickShell(tmp_path)
    yield shell
    assert shell.keeps_no_secret()


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Shell]:
    """The installed command, a process each."""
    shell = Shell(tmp_path)
    yield shell
    assert shell.keeps_no_secret()
