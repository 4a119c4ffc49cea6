from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DAEMON = Path(__file__).parent / "whole_daemon.py"
NEVER = 3600.0
SECONDS = 20


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A checkout behind a link, as git-sync leaves it."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(f"version: 1\nmode: observe # {name}\n")
    (tmp_path / "current").symlink_to("one")
    return tmp_path / "current"


@contextmanager
def daemon(
    link: Path, *, every: float = NEVER, notify: str = ""
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, str(DAEMON), str(link / "config.yaml"), str(every)],
        stdout=subprocess.PIPE,
        text=True,
        env={"NOTIFY_SOCKET": notify},
    ) as process:
        try:
            assert says(process) == "pass start"
            yield process
        finally:
            process.kill()


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(number)
    assert says(process) == "done"
    return process.wait(SECONDS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_daemon_leaves_at_the_first_signal(link: Path, number: signal.Signals) -> None:
    with daemon(link) as process:
        assert end(process, number) == 0


def test_hangup_starts_a_pass(link: Path) -> None:
    with daemon(link) as process:
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            assert says(process) == "pass reload"
        assert end(process) == 0


def test_a_checkout_that_is_swapped_starts_a_pass(link: Path) -> None:
    with daemon(link) as process:
        new = link.with_name("new-link")
        new.symlink_to("two")
        new.replace(link)
        assert says(process) == "pass file change"
        assert end(process) == 0


def test_due_times_start_passes(link: Path) -> None:
    with daemon(link, every=0.05) as process:
        assert [says(process) for _ in range(3)] == ["pass schedule"] * 3
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=SECONDS)
        assert output.split("\n")[-2:] == ["done", ""]
        assert process.returncode == 0


def test_systemd_hears_of_the_start_and_of_the_end(link: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.settimeout(SECONDS)
        systemd.bind(str(tmp_path / "notify"))
        with daemon(link, notify=str(tmp_path / "notify")) as process:
            assert systemd.recv(4096) == b"READY=1\nSTATUS=started"
            assert end(process) == 0
        assert systemd.recv(4096) == b"STOPPING=1\nSTATUS=SIGTERM"
