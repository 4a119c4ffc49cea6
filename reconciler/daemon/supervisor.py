"""
What systemd is told: ready, reloading, stopping, a line of status, signs of life.

The protocol of sd_notify(3) is a datagram of assignments to the socket named in
NOTIFY_SOCKET. Without that variable everything here is silent.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog

from reconciler.daemon.heartbeat import Heartbeat

log = structlog.get_logger()

PATIENCE = 300.0
"""
Seconds without progress after which the loop is taken for stuck.

Longer than any wait that is meant: a request's whole timeout, a Retry-After, a slice of a wait.
"""

_MICROSECONDS = 1_000_000


class Supervisor:
    """
    The line to systemd. Each message is best effort: no pass fails for want of it.

    `address` is the value of NOTIFY_SOCKET (None: nobody listens), `watchdog`
    the seconds within which a sign of life is expected (None: never).
    """

    def __init__(self, address: str | None, watchdog: float | None = None) -> None:
        self._address = _sun_path(address) if address else None
        self._watchdog = watchdog if self._address else None
        self._troubled = False

    def ready(self, status: str) -> None:
        """The start, or a reload, is over."""
        self._tell("READY=1", _status(status))

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._tell(_status(text))

    def reloading(self) -> None:
        """The files are read again; `ready` ends it."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def stopping(self, status: str) -> None:
        """The loop is about to end."""
        self._tell("STOPPING=1", _status(status))

    @contextmanager
    def watching(self, heartbeat: Heartbeat, *, patience: float = PATIENCE) -> Iterator[None]:
        """Give systemd a sign of life as long as there was progress within `patience` seconds."""
        if self._watchdog is None:
            yield
            return
        done = threading.Event()
        arguments = (heartbeat, patience, self._watchdog / 2, done)
        thread = threading.Thread(target=self._watch, args=arguments, name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _watch(
        self, heartbeat: Heartbeat, patience: float, every: float, done: threading.Event
    ) -> None:
        stuck = False
        while True:
            age = heartbeat.age()
            if age <= patience:
                self._tell("WATCHDOG=1")
            elif not stuck:
                log.error("no progress; systemd will start anew", seconds=round(age))
            stuck = age > patience
            if done.wait(every):
                return

    def _tell(self, *lines: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                # A full socket must not hold up the loop.
                line.settimeout(1.0)
                line.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if not self._troubled:
                log.warning("systemd cannot be told", error=str(error))
            self._troubled = True
        else:
            self._troubled = False


def from_environment(environment: Mapping[str, str] = os.environ) -> Supervisor:
    """Find the line in NOTIFY_SOCKET, and what is expected in WATCHDOG_USEC and WATCHDOG_PID."""
    return Supervisor(environment.get("NOTIFY_SOCKET"), _watchdog(environment))


def _watchdog(environment: Mapping[str, str]) -> float | None:
    meant_for = environment.get("WATCHDOG_PID")
    microseconds = environment.get("WATCHDOG_USEC", "")
    if meant_for not in {None, str(os.getpid())} or not microseconds.isdecimal():
        return None
    return int(microseconds) / _MICROSECONDS or None


def _sun_path(address: str) -> str:
    # An abstract socket is written with "@" where its name begins with a zero byte.
    return "\0" + address[1:] if address.startswith("@") else address


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"
