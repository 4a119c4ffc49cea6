"""
Runs the program under Python's profiler, every thread of it, and keeps where the processor was.

`profiled.py KEEP ARGUMENT…`: what `pstats` reads is written to KEEP. The clock is
each thread's own processor time, so that waiting costs nothing.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading
import time


def main(keep: str) -> None:
    profiles = [cProfile.Profile(time.thread_time)]
    run = threading.Thread.run

    def profiled(thread: threading.Thread) -> None:
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        profile.runcall(run, thread)

    threading.Thread.run = profiled  # type: ignore[method-assign, assignment]
    try:
        profiles[0].runcall(_program)
    finally:
        whole = pstats.Stats(profiles[0])
        for each in profiles[1:]:
            each.create_stats()
            if each.getstats():
                whole.add(each)
        whole.dump_stats(keep)


def _program() -> None:
    from reconciler.__main__ import main as program  # noqa: PLC0415 - its imports are part of it

    program()


keep = sys.argv.pop(1)
main(keep)
