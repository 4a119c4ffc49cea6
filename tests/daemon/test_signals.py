from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.daemon.signals import signals

CHILD = Path(__file__).parent / "child.py"
SECONDS = 20


@contextmanager
def child(behaviour: str = "patient") -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, str(CHILD), behaviour], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert next(process.stdout) == "listening\n"
            yield process
        finally:
            process.kill()


def rest_of(process: subprocess.Popen[str]) -> tuple[list[str], int]:
    output, _ = process.communicate(timeout=SECONDS)
    return output.split(), process.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_to_stop(number: signal.Signals) -> None:
    with child() as process:
        process.send_signal(number)
        assert rest_of(process) == ([number.name, "done"], 0)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_the_second_signal_exits_at_once(second: signal.Signals) -> None:
    with child("deaf") as process:
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert next(process.stdout) == "SIGTERM\n"
        process.send_signal(second)
        assert rest_of(process) == ([], 128 + second)


def test_hangup_asks_to_look_again_however_often() -> None:
    with child() as process:
        assert process.stdout is not None
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            assert next(process.stdout) == "reload\n"
        process.send_signal(signal.SIGTERM)
        assert rest_of(process) == (["SIGTERM", "done"], 0)


def test_a_signal_does_not_deadlock_with_what_the_main_thread_waits_on() -> None:
    with child("busy") as process:
        process.send_signal(signal.SIGTERM)
        assert rest_of(process) == (["SIGTERM", "done"], 0)


def test_the_handlers_before_are_given_back() -> None:
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    with signals(stop=lambda _: None, reload=lambda: None):
        assert signal.getsignal(signal.SIGTERM) != before[signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before
    assert signal.set_wakeup_fd(-1) == -1


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_no_thread_and_no_file_is_left_behind() -> None:
    threads, files = threading.active_count(), open_files()
    for _ in range(3):
        with signals(stop=lambda _: None):
            pass
    assert (threading.active_count(), open_files()) == (threads, files)


def test_without_a_reload_hangup_is_not_touched() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with signals(stop=lambda _: None):
        assert signal.getsignal(signal.SIGHUP) == before


def test_the_handlers_come_back_when_what_is_inside_fails() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), signals(stop=lambda _: None):
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) == before
