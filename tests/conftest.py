"""
What every test may rely on, and what several rooms work on.

No network, a clean environment, one zone, one set of examples; a database server, tenants of
another hand, and a shell.
"""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import settings

from tests.end_to_end.fake_studio import FakeStudio, fake_studio, fake_studios, school
from tests.end_to_end.shell import QuickShell
from tests.state.server import Server, postgres

# The same examples at every run: a red build is the change's doing. No deadline, since two cores
# shared with others tell nothing about the code.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60)
# `make soak`: new examples every time, kept when they fail, and printed so that they can be pinned.
settings.register_profile("soak", deadline=None, max_examples=20_000, print_blob=True)
settings.load_profile("ci")

# What would change how a command answers, or where it connects, from outside a test.
FOREIGN = (
    "ALL_PROXY",
    "CREDENTIALS_DIRECTORY",
    "FORCE_COLOR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NOTIFY_SOCKET",
    "NO_COLOR",
    "NO_PROXY",
    "STUDIO_ACCESS_TOKEN",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
)

# Neither UTC nor a whole hour away from it: a local time taken for another shows at once. A name,
# because the scheduler reads TZ too and knows no other spelling.
ZONE = "Asia/Kathmandu"

Address: TypeAlias = tuple[object, ...] | str | bytes


def _is_local(family: int, address: Address) -> bool:
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = str(address[0]).partition("%")[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_sessionstart() -> None:
    """
    Let whoever is told to end take along what it started, as it does at Ctrl-C.

    A shell has what it starts in the background ignore that and more, and so would
    every command that a test starts.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse what would leave this machine, with what no `except Exception` swallows."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(peer: socket.socket, address: Address) -> None:
        if not _is_local(peer.family, address):
            pytest.fail(f"a test tried to reach {address!r}; only loopback is open to tests")

    def checked_connect(peer: socket.socket, address: Address) -> None:
        check(peer, address)
        connect(peer, address)

    def checked_connect_ex(peer: socket.socket, address: Address) -> int:
        check(peer, address)
        return connect_ex(peer, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", checked_connect)
        patch.setattr(socket.socket, "connect_ex", checked_connect_ex)
        yield


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """Take away what the person's own shell would tell the program, and settle the time zone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper() in FOREIGN or name.startswith("RECONCILER_"):
                patch.delenv(name)
        patch.setenv("TZ", ZONE)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for all tests of this process. Who stops it starts it again."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def _served() -> Iterator[FakeStudio]:
    with fake_studio() as served:
        yield served


@pytest.fixture
def studio(_served: FakeStudio) -> FakeStudio:
    """A tenant of another hand, served."""
    return school(_served)


@pytest.fixture(scope="module")
def _all_served() -> Iterator[tuple[FakeStudio, ...]]:
    with fake_studios(4) as served:
        yield served


@pytest.fixture
def studios(_all_served: tuple[FakeStudio, ...]) -> tuple[FakeStudio, ...]:
    """Four of them: enough for two daemons to share, and for one to be in trouble alone."""
    return tuple(map(school, _all_served))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[QuickShell]:
    """Commands in this process: fast."""
    shell = QuickShell(tmp_path)
    yield shell
    assert shell.keeps_no_secret()
