"""What a command costs before it asks anybody: to start, and to check a large file."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.bench.big import big_world
from tests.bench.figure import Figure
from tests.bench.files import Wanted
from tests.bench.measure import best_of, cost_of, floor
from tests.bench.stage import Stage

URL = "http://127.0.0.1:9"
"""Nobody listens there: validating asks nobody."""


def starting(stage: Stage) -> Iterator[Figure]:
    """`--help`, beside an interpreter that does nothing."""
    nothing = [sys.executable, "-c", "pass"]
    least = best_of(5, lambda: cost_of(nothing, stage.folder))
    asked = best_of(5, lambda: stage.program.cost(stage.folder, "--help").ended(0))
    yield Figure(what="--help: CPU", value=asked.cpu, unit="s", limit=0.35, floor=least.cpu)


def validating(stage: Stage) -> Iterator[Figure]:
    """A file of 100,000 shares, beside libyaml that scans it and keeps nothing."""
    with stage.work() as config:
        world = big_world(2000 // stage.scale, 50)
        total = Wanted(world=world, url=URL).write(config)
        least = best_of(stage.repeats, lambda: floor("scan", str(config)))
        checked = best_of(
            stage.repeats, lambda: stage.program.cost(config.parent, "validate").ended(0)
        )
    what = f"validate {total:,} shares"
    limit = stage.limit(1.2)
    yield Figure(what=f"{what}: CPU", value=checked.cpu, unit="s", limit=limit, floor=least.cpu)
    yield Figure(what=f"{what}: memory", value=checked.memory, unit="MB")
