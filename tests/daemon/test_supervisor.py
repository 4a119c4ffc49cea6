from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.supervisor import Supervisor, from_environment

SECONDS = 20.0


@pytest.fixture(params=["file", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "abstract":
        return f"@reconciler-test-{os.getpid()}"
    return str(tmp_path / "notify")


@pytest.fixture
def systemd(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(address.replace("@", "\0"))
        line.settimeout(SECONDS)
        yield line


def heard(systemd: socket.socket) -> list[str]:
    return systemd.recv(4096).decode().split("\n")


def test_each_message_is_one_datagram(systemd: socket.socket, address: str) -> None:
    supervisor = from_environment({"NOTIFY_SOCKET": address})
    supervisor.ready("12 collections in agreement")
    assert heard(systemd) == ["READY=1", "STATUS=12 collections in agreement"]
    supervisor.status("2 holds\nREADY=1")
    assert heard(systemd) == ["STATUS=2 holds READY=1"]
    supervisor.stopping("a signal came")
    assert heard(systemd) == ["STOPPING=1", "STATUS=a signal came"]


def test_a_reload_is_told_with_its_time(systemd: socket.socket, address: str) -> None:
    from_environment({"NOTIFY_SOCKET": address}).reloading()
    first, second = heard(systemd)
    assert first == "RELOADING=1"
    name, _, microseconds = second.partition("=")
    assert name == "MONOTONIC_USEC"
    assert 0 <= time.monotonic() - int(microseconds) / 1_000_000 < SECONDS


def test_the_watchdog_hears_of_progress(systemd: socket.socket, address: str) -> None:
    supervisor = from_environment({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "20000"})
    with supervisor.watching(Heartbeat()):
        assert [heard(systemd) for _ in range(3)] == [["WATCHDOG=1"]] * 3


def test_the_watchdog_hears_nothing_of_a_loop_that_is_stuck(
    systemd: socket.socket, address: str
) -> None:
    seconds = 0.0
    heartbeat = Heartbeat(lambda: seconds)
    looked = threading.Semaphore(0)

    class Watched(Heartbeat):
        def age(self) -> float:
            looked.release()
            return heartbeat.age()

    supervisor = Supervisor(address, watchdog=0.02)
    with capture_logs() as logs:
        seconds = 301.0
        with supervisor.watching(Watched(), patience=300.0):
            assert all(looked.acquire(timeout=SECONDS) for _ in range(4))
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(4096)
        systemd.settimeout(SECONDS)
        assert [log["seconds"] for log in logs] == [301]
        heartbeat.beat()
        with supervisor.watching(Watched(), patience=300.0):
            assert heard(systemd) == ["WATCHDOG=1"]


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="no-systemd"),
        pytest.param({"WATCHDOG_USEC": "20000"}, id="nobody-listens"),
        pytest.param({"NOTIFY_SOCKET": "ADDRESS"}, id="no-watchdog"),
        pytest.param({"NOTIFY_SOCKET": "ADDRESS", "WATCHDOG_USEC": "0"}, id="watchdog-off"),
        pytest.param(
            {"NOTIFY_SOCKET": "ADDRESS", "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"},
            id="another-process-s",
        ),
    ],
)
def test_without_being_asked_nothing_watches(environment: dict[str, str], tmp_path: Path) -> None:
    there = {name: value.replace("ADDRESS", str(tmp_path)) for name, value in environment.items()}
    before = threading.active_count()
    with from_environment(there).watching(Heartbeat()):
        assert threading.active_count() == before


SAYING: list[Callable[[Supervisor], None]] = [
    lambda supervisor: supervisor.ready("up"),
    lambda supervisor: supervisor.status("up"),
    Supervisor.reloading,
    lambda supervisor: supervisor.stopping("down"),
]


@pytest.mark.parametrize("say", SAYING)
def test_without_systemd_all_is_silent(say: Callable[[Supervisor], None]) -> None:
    with capture_logs() as logs:
        say(from_environment({}))
    assert logs == []


def test_a_line_that_is_dead_is_told_once(tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path / "nobody"))
    with capture_logs() as logs:
        supervisor.ready("up")
        supervisor.status("still up")
    assert [log["event"] for log in logs] == ["systemd cannot be told"]
