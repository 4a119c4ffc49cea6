"""
How near a pass comes to what the service allows.

Without a limit the answers' latency decides: requests × latency ÷ concurrency.
Under one, the limit does; what it refused was asked for nothing. Both are
judged by the seconds of the pass itself, or by what the server saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.figure import Figure
from tests.bench.stage import Stage, pass_seconds, say, wanted

LATENCY = 0.05
SHARES = 5


def hurrying(stage: Stage) -> Iterator[Figure]:
    """A pass over 2,000 collections, at two concurrencies."""
    count = 2000 // stage.scale
    for concurrency in (8, 32):
        studio = {"requests_per_second": 1000, "concurrency": concurrency}
        with stage.tenant(2000, SHARES) as server, stage.work() as config:
            wanted(server, count, SHARES, studio=studio).write(config)
            server.begin(latency=LATENCY)
            stage.program.cost(config.parent, "run", "--once").ended(0)
            seconds, sent = pass_seconds(config), server.tally().requests
        yield Figure(
            what=f"pass of {sent:,} requests at 50 ms, {concurrency} at once: wall",
            value=seconds / (sent * LATENCY / concurrency),
            unit="× ideal",
            limit=stage.limit(1.2),
        )
        yield Figure(what=f"… {concurrency} at once: seconds of the pass", value=seconds, unit="s")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a second, what the file says they are, and for how many collections."""

    allowed: int
    written: int
    collections: int


LIMITS = (Limit(10, 10, 600), Limit(50, 50, 2000), Limit(10, 20, 600), Limit(50, 100, 2000))


def restraining(stage: Stage) -> Iterator[Figure]:
    """A pass under a limit of any second, where the file knows it and where it is mistaken."""
    for limit in LIMITS:
        say(f"a pass at {limit.allowed}/s, the file says {limit.written}")
        yield from _under(stage, limit)


def _under(stage: Stage, limit: Limit) -> Iterator[Figure]:
    studio = {"requests_per_second": limit.written}
    count = max(1, limit.collections // stage.scale)
    with stage.tenant(limit.collections, SHARES) as server, stage.work() as config:
        wanted(server, count, SHARES, studio=studio).write(config)
        server.begin(latency=LATENCY, per_second=limit.allowed)
        stage.program.cost(config.parent, "run", "--once").ended(0)
        tally = server.tally()
    what = f"{limit.allowed}/s allowed, {limit.written}/s in the file"
    passed = tally.requests - tally.limited
    yield Figure(
        what=f"{what}: share of the limit reached",
        value=passed / tally.wall / limit.allowed,
        unit="",
        limit=stage.limit(0.9),
        at_least=True,
    )
    refused = tally.limited / tally.requests * 100
    yield Figure(what=f"{what}: answers 429", value=refused, unit="%", limit=stage.limit(2.0))
