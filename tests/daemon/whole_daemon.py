"""
The daemon's room put together around a pass that only says why it runs.

Started as a process of its own, with the path of a configuration, to be sent
real signals: it says `pass REASONS` for each pass, and `done` at its end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler.config.settings import Schedule
from reconciler.daemon.bell import Bell, Reason
from reconciler.daemon.breaker import Tally
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.loop import Call, Surroundings, run_loop
from reconciler.daemon.schedule import Timetable
from reconciler.daemon.signals import signals
from reconciler.daemon.supervisor import from_environment
from reconciler.daemon.watch import watching
from reconciler.daemon.watched import watched_files


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def one_pass(call: Call) -> Tally:
    say(f"pass {'+'.join(sorted(call.reasons))}")
    return Tally()


def main(path: Path, every: float) -> None:
    bell, stop, heartbeat = Bell(), threading.Event(), Heartbeat()
    supervisor = from_environment(os.environ)
    schedule = Schedule(every=timedelta(seconds=every), jitter=timedelta(0))

    def asked_to_stop(number: signal.Signals) -> None:
        supervisor.stopping(number.name)
        stop.set()
        bell.wake()

    timetable = Timetable(lambda: bell.ring(Reason.SCHEDULE), schedule, ZoneInfo("UTC"))

    def alive() -> None:
        heartbeat.beat()
        timetable.recheck()

    with (
        signals(stop=asked_to_stop, reload=lambda: bell.ring(Reason.RELOAD)),
        watching(lambda: watched_files(path), bell, every=0.02),
        supervisor.watching(heartbeat),
        timetable,
    ):
        supervisor.ready("started")
        run_loop(one_pass, bell, stop, Surroundings(heartbeat=alive))
    say("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
