"""What it costs to read a tenant and compare it: requests, processor, memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.bench.figure import Figure
from tests.bench.house import PER_PAGE
from tests.bench.measure import Cost, best_of, floor
from tests.bench.serving import Server
from tests.bench.stage import Stage, wanted

COLLECTIONS = 2000
SHARES = 50
UNLIMITED = {"requests_per_second": 1000}

TIMES_BARE = 1.5
"""What a request may cost beside bare httpx: 0.6 ms on a machine where that takes 0.4."""


def planning(stage: Stage) -> Iterator[Figure]:
    """100,000 shares of 2,000 collections, every twentieth of another level than the file says."""
    count = COLLECTIONS // stage.scale
    with stage.tenant(COLLECTIONS, SHARES) as server, stage.work() as config:
        file = wanted(server, count, SHARES, turned_every=20, studio=UNLIMITED)
        total = file.write(config)
        least = best_of(stage.repeats, partial(floor, "bare", server.url, str(count)))
        plan = best_of(
            stage.repeats,
            lambda: stage.program.cost(config.parent, "plan", "--format", "json").ended(0, 3),
        )
    what = f"plan {total:,} shares of {count:,} collections"
    cpu, memory = stage.limit(4.0), stage.limit(300.0)
    yield Figure(what=f"{what}: CPU", value=plan.cpu, unit="s", limit=cpu, floor=least.cpu)
    yield Figure(what=f"{what}: wall", value=plan.wall, unit="s", floor=least.wall)
    yield Figure(what=f"{what}: memory", value=plan.memory, unit="MB", limit=memory)


def agreeing(stage: Stage) -> Iterator[Figure]:
    """What a pass asks where nothing is to be done."""
    count = COLLECTIONS // stage.scale
    with stage.tenant(COLLECTIONS, SHARES) as server, stage.work() as config:
        wanted(server, count, SHARES, studio=UNLIMITED).write(config)
        server.begin()
        stage.program.cost(config.parent, "plan", "--detailed-exitcode").ended(0)
        sent = server.tally().requests
    pages = -(-count // PER_PAGE)
    yield Figure(
        what=f"requests in agreement: {pages} pages, {count:,} collections",
        value=sent,
        unit="requests",
        limit=pages + count + 2,
    )


def asking(stage: Stage) -> Iterator[Figure]:
    """What one more request costs, all told: file, request, comparison."""
    many, few = COLLECTIONS // stage.scale, COLLECTIONS // stage.scale // 10
    with stage.tenant(COLLECTIONS, 5) as server:
        ours = [_planned(stage, server, count) for count in (few, many)]
        bare = [
            best_of(stage.repeats, partial(floor, "bare", server.url, str(count)))
            for count in (few, many)
        ]
    least = (bare[1].cpu - bare[0].cpu) / (many - few + (many - few) // PER_PAGE) * 1000
    value = (ours[1].cpu - ours[0].cpu) / (many - few) * 1000
    yield Figure(
        what="a request more, all told: CPU",
        value=value,
        unit="ms",
        limit=stage.limit(TIMES_BARE * least),
        floor=least,
    )


def _planned(stage: Stage, server: Server, count: int) -> Cost:
    with stage.work() as config:
        wanted(server, count, 5, studio=UNLIMITED).write(config)
        return best_of(
            stage.repeats,
            lambda: stage.program.cost(config.parent, "plan", "--format", "json").ended(0),
        )
