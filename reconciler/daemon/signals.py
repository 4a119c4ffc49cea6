"""
Signals: the first asks to stop, the second insists, SIGHUP asks to look again.

A Python signal handler runs in the middle of whatever the main thread does and
may interrupt the holder of the very lock it needs (`Event.set` takes one). So
the interpreter only writes the number of a signal to a pipe, and a thread reads
it there. That also lets a second signal end a process whose main thread is
stuck where no handler is ever run.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

STOPPING = (signal.SIGTERM, signal.SIGINT)
_FLUSH_SECONDS = 0.2
_FATAL = 128


@contextmanager
def signals(
    *, stop: Callable[[signal.Signals], None], reload: Callable[[], None] | None = None
) -> Iterator[None]:
    """
    Take the process's signals while the context lasts, and give them back after.

    `stop` is called for the first SIGTERM or SIGINT, in a thread of its own; the
    second one ends the process with 128 and its number. SIGHUP calls `reload`,
    and without it is not touched. Only the main thread may enter. What waits
    for a person at a terminal is not interrupted: ask before entering.
    """
    hearing, telling = os.pipe()
    os.set_blocking(telling, False)
    numbers = (*STOPPING, signal.SIGHUP) if reload else STOPPING
    listener = threading.Thread(
        target=_listen, args=(hearing, stop, reload), name="signals", daemon=True
    )
    listener.start()
    told_before = signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    handled_before = {number: signal.signal(number, _leave_to_listener) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handled_before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        signal.set_wakeup_fd(told_before)
        os.close(telling)
        listener.join()
        os.close(hearing)


def _leave_to_listener(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that there is a handler is what makes the interpreter write to the pipe."""


def _listen(
    hearing: int, stop: Callable[[signal.Signals], None], reload: Callable[[], None] | None
) -> None:
    stopping = False
    while numbers := os.read(hearing, 64):
        for number in map(signal.Signals, numbers):
            if number not in STOPPING:
                if number == signal.SIGHUP and reload is not None:
                    reload()
            elif stopping:
                _exit_at_once(_FATAL + number)
            else:
                stopping = True
                stop(number)


def _exit_at_once(status: int) -> NoReturn:
    # Whoever is stuck writing to stderr holds its lock: it is not waited for.
    flush = threading.Thread(target=sys.stderr.flush, daemon=True)
    flush.start()
    flush.join(_FLUSH_SECONDS)
    os._exit(status)
