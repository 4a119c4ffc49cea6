"""Ten times as much: a million shares, beside ten times what a tenth of them cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from tests.bench.figure import Figure
from tests.bench.measure import Cost, best_of, floor
from tests.bench.reading import COLLECTIONS, SHARES, UNLIMITED
from tests.bench.stage import Stage, say, wanted

TIMES = 10


@dataclass(frozen=True, slots=True)
class Costs:
    """What a command cost, and the least that could do its work."""

    ours: Cost
    least: Cost


def growing(stage: Stage) -> Iterator[Figure]:
    """Validate and plan both sizes, each over files of 2,000 collections."""
    small, large = _costs(stage, 1), _costs(stage, TIMES)
    shares = COLLECTIONS // stage.scale * SHARES * TIMES
    for name, ten in large.items():
        what, one = f"{name} {shares:,} shares", small[name].ours
        yield Figure(what=f"{what}: CPU", value=ten.ours.cpu, unit="s", floor=ten.least.cpu)
        yield Figure(what=f"{what}: wall", value=ten.ours.wall, unit="s", floor=ten.least.wall)
        yield Figure(what=f"{what}: memory", value=ten.ours.memory, unit="MB")
        yield Figure(
            what=f"{what}: CPU over {TIMES} × a tenth of them",
            value=ten.ours.cpu / one.cpu / TIMES,
            unit="",
            limit=stage.limit(1.3),
        )


def _costs(stage: Stage, times: int) -> dict[str, Costs]:
    """What it costs to validate and to plan so many times the usual."""
    count = COLLECTIONS // stage.scale * times
    with stage.tenant(COLLECTIONS * times, SHARES) as server, stage.work() as config:
        wanted(server, count, SHARES, turned_every=20, studio=UNLIMITED).write(config)
        say(f"validate and plan {count * SHARES:,} shares")
        files = [str(each) for each in config.parent.rglob("*.yaml")]
        best = partial(best_of, stage.repeats if times == 1 else 1)
        run = partial(stage.program.cost, config.parent)
        return {
            "validate": Costs(
                best(lambda: run("validate").ended(0)), best(partial(floor, "scan", *files))
            ),
            "plan": Costs(
                best(lambda: run("plan", "--format", "json").ended(0, 3)),
                best(partial(floor, "bare", server.url, str(count))),
            ),
        }
