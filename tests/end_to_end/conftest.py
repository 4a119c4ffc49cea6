"""The installed command, a database of its own, and processes that are left running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.daemons import Daemons, daemons_in
from tests.end_to_end.shell import Shell
from tests.state.server import Server


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Shell]:
    """The installed command, a process each."""
    shell = Shell(tmp_path)
    yield shell
    assert shell.keeps_no_secret()


@pytest.fixture
def database(server: Server, installed: Shell) -> Iterator[str]:
    """A database of its own, told to every command by `$RECONCILER_STATE`."""
    with server.database() as url:
        installed.environment["RECONCILER_STATE"] = url
        yield url


@pytest.fixture
def daemons(installed: Shell) -> Iterator[Daemons]:
    with daemons_in(installed) as made:
        yield made
