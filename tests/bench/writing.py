"""What it takes to write: one request a collection and batch, beside one a share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.sandbox.world import World
from tests.bench.big import big_world
from tests.bench.figure import Figure
from tests.bench.files import Wanted
from tests.bench.measure import floor
from tests.bench.serving import Server
from tests.bench.stage import Stage, pass_seconds

BATCH = 50
LATENCY = 0.05
OF_HUNDRED_THOUSAND = 100_000


def batching(stage: Stage) -> Iterator[Figure]:
    """120 new shares on each of 20 collections: three batches each."""
    with stage.tenant(20 * stage.scale, 0) as server, stage.work() as config:
        _all_new(server, 20, 120).write(config)
        server.begin()
        stage.program.cost(config.parent, "apply", "--yes").ended(0)
        posts = server.tally().posts
    yield Figure(
        what="writes for 120 new shares on each of 20 collections",
        value=posts,
        unit="requests",
        limit=20 * -(-120 // BATCH),
    )


def one_by_one(stage: Stage) -> Iterator[Figure]:
    """The same new shares by us, and by a script of one request a share, scaled to 100,000."""
    collections, shares = 10, 50
    times = OF_HUNDRED_THOUSAND / (collections * shares)
    with stage.tenant(collections * stage.scale, 0) as server, stage.work() as config:
        _all_new(server, collections, shares).write(config)
        server.begin(latency=LATENCY)
        stage.program.cost(config.parent, "run", "--once").ended(0)
        ours, seconds = server.tally().requests, pass_seconds(config)
    with stage.tenant(collections * stage.scale, 0) as server:
        server.begin(latency=LATENCY)
        script = floor("naive", server.url, str(collections), str(shares))
        naive = server.tally().requests
    what = "100,000 new shares"
    yield Figure(
        what=f"{what}: requests, beside one a share",
        value=ours * times,
        unit="requests",
        floor=naive * times,
    )
    yield Figure(
        what=f"{what}: wall at 50 ms, beside one a share",
        value=seconds * times / 60,
        unit="min",
        floor=script.wall * times / 60,
    )


def _all_new(server: Server, collections: int, shares: int) -> Wanted:
    """The file that shares empty collections with so many people each."""
    world: World = big_world(collections, shares)
    studio = {"requests_per_second": 1000}
    return replace(Wanted(world=world, url=server.url), studio=studio)
