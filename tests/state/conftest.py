"""A state of its own for every test: a file, in PostgreSQL, and there through a pooler."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from reconciler.state.store import Store, open_store
from tests.state.bouncer import PROGRAM, Bouncer, pgbouncer
from tests.state.server import Server

TENANT: Final = "school.test"


@pytest.fixture(scope="session")
def database(server: Server) -> Iterator[str]:
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def bouncer(server: Server) -> Iterator[Bouncer]:
    """One pooler for all tests of this process."""
    with pgbouncer(server) as running:
        yield running


POOLED: Final = pytest.param(
    "pooled", marks=pytest.mark.skipif(PROGRAM is None, reason="no pgbouncer here")
)


@pytest.fixture(scope="module", params=["sqlite", "postgres", POOLED])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file may be made."""
    return tmp_path / "reconciler.db"


@pytest.fixture
def place(engine: str, request: pytest.FixtureRequest) -> str:
    """Where a state may be made: a path, or the URL of an empty database."""
    if engine == "sqlite":
        return str(request.getfixturevalue("path"))
    url: str = request.getfixturevalue("database")
    Server.empty(url)
    if engine == "pooled":
        bouncer: Bouncer = request.getfixturevalue("bouncer")
        return bouncer.url(url)
    return url


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with open_store(place, tenant=TENANT) as opened:
        yield opened


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One place for all examples of a module's laws, each of which is a tenant of its own."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            made = str(tmp_path_factory.mktemp("laws") / "reconciler.db")
        else:
            server: Server = request.getfixturevalue("server")
            made = stack.enter_context(server.database())
        open_store(made, tenant="none").close()
        yield made
