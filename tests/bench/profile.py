"""
Where the processor is while 100,000 shares are planned: by room of the program, and by library.

`python -m tests.bench.profile [--before TREE]`. The profiler makes everything
slower, and small functions most: read the shares, not the seconds.
"""

from __future__ import annotations

import argparse
import pstats
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.bench.measure import PROGRAMS, TOKEN, Program, cost_of
from tests.bench.reading import COLLECTIONS, SHARES, UNLIMITED
from tests.bench.stage import Stage, wanted

FEWEST = 0.005
"""Rooms with a smaller share than this are told together."""

ROOM = re.compile(r"reconciler/(\w+)(?:/|\.py)")
LIBRARY = re.compile(r"site-packages/(\w+)")
PYTHONS_OWN = re.compile(r"lib/python[0-9.]+/(\w+)")


def main() -> int:
    """Profile this version, and the one before beside it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profile", description=__doc__)
    parser.add_argument("--before", type=Path, metavar="TREE", help="another version's source")
    options = parser.parse_args()
    after = profile(None)
    before = profile(options.before) if options.before else Counter[str]()
    for room in sorted(after | before, key=lambda room: -max(after[room], before[room])):
        shares = [(each[room], each[room] / (each.total() or 1)) for each in (before, after)]
        if max(share for _, share in shares) >= FEWEST:
            told = "".join(f"{seconds:8.2f} s {share:5.1%}" for seconds, share in shares)
            sys.stdout.write(f"{room:<24}{told}\n")
    sys.stdout.write(f"{'all':<24}{before.total():8.2f} s      {after.total():9.2f} s\n")
    return 0


def profile(tree: Path | None) -> Counter[str]:
    """Seconds by room, of a version that plans 100,000 shares."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage = Stage(program=Program(tree), folder=folder)
        with stage.tenant(COLLECTIONS, SHARES) as server, stage.work() as config:
            wanted(server, COLLECTIONS, SHARES, turned_every=20, studio=UNLIMITED).write(config)
            script, keep = str(PROGRAMS / "profiled.py"), str(folder / "profile")
            command = [sys.executable, "-P", script, keep, "plan", "--format", "json"]
            path = {} if tree is None else {"PYTHONPATH": str(tree)}
            cost_of(command, config.parent, TOKEN | path).ended(0, 3)
            return by_room(keep)


def by_room(keep: str) -> Counter[str]:
    """Seconds by room; what is built in counts for the room that called it."""
    rooms: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(keep).stats.items():  # type: ignore[attr-defined]
        if file != "~" or not callers:
            rooms[room_of(file)] += own
            continue
        for (caller, _, _), (_, _, by_caller, _) in callers.items():
            rooms[room_of(caller)] += by_caller
    return rooms


def room_of(file: str) -> str:
    """The room of the program, or the library, that a source file is of."""
    if found := LIBRARY.search(file):
        return found[1]
    if found := ROOM.search(file):
        return f"reconciler.{found[1]}"
    if found := PYTHONS_OWN.search(file):
        return f"python: {found[1]}"
    return "python: imports" if file.startswith("<frozen importlib") else "python"


if __name__ == "__main__":
    sys.exit(main())
