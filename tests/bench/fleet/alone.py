"""The first act: one daemon brings the whole town into agreement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.bench.figure import Figure
from tests.bench.fleet.scene import Scene, say

ALONE: Final = ("node1",)
PATIENCE: Final = 900.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """How fast a town came into agreement, and what that cost."""

    daemons: int
    tenants: int
    seconds: float
    writes: int
    requests: int
    cpu: float
    server_cpu: float

    def figures(self) -> Iterator[Figure]:
        who = "1 daemon" if self.daemons == 1 else f"{self.daemons} daemons"
        of = f"{who}, {self.tenants} tenants"
        yield Figure(what=f"{of}: until all agree", value=self.seconds, unit="s")
        yield Figure(what=f"{of}: a second", value=self.tenants / self.seconds, unit="tenants")
        yield Figure(what=f"{of}: a second", value=self.writes / self.seconds, unit="writes")
        yield Figure(what=f"{of}: a second", value=self.requests / self.seconds, unit="requests")
        yield Figure(what=f"{who}: CPU of all", value=self.cpu, unit="s")
        yield Figure(what=f"{who}: CPU of the tenants' server", value=self.server_cpu, unit="s")


def converge(scene: Scene, names: tuple[str, ...]) -> Throughput:
    """Start these daemons and wait until every tenant is what its file says; then stop them."""
    before = scene.server.tally().cpu
    began = scene.begin(names)
    tenants = scene.town.tenants
    ended = scene.wait(
        f"{len(names)} of {tenants} tenants agree",
        lambda: len(scene.agreed()) == tenants,
        PATIENCE,
    )
    tally = scene.server.tally()
    scene.stop()
    if differing := scene.differing():
        raise AssertionError(f"recorded as done, and not so: {differing[:5]}")
    say(f"{len(names)}: {ended - began:.0f} s")
    return Throughput(
        daemons=len(names),
        tenants=tenants,
        seconds=ended - began,
        writes=tally.posts,
        requests=tally.requests,
        cpu=sum(each.cpu for each in scene.machines.values()),
        server_cpu=tally.cpu - before,
    )
