"""
The second act: four daemons, two of them lost in mid-pass, one that comes to help later.

What is told at the end is told by the tenants: their audits, and their live
shares beside their files.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.figure import Figure
from tests.bench.fleet.audit import (
    Breach,
    Seat,
    by_two_at_once,
    handovers,
    outside_reigns,
    unordered,
)
from tests.bench.fleet.scene import Scene, say

FOUR: Final = ("node1", "node2", "node3", "node4")
LOST: Final = ("node3", "node4")
HELP: Final = "node5"
PATIENCE: Final = 600.0
TAKEN_OVER_WITHIN: Final = 30.0


@dataclass(frozen=True, slots=True)
class Loss:
    """Two daemons killed: when, what they had, and how long until others had it."""

    killed: float
    tenants: frozenset[str]
    passes: int
    seats: Sequence[float]
    first_passes: Sequence[float]

    def figures(self) -> Iterator[Figure]:
        count = len(self.tenants)
        yield Figure(what="killed with -9: tenants they had", value=count, unit="tenants")
        yield Figure(what="killed with -9: passes they had in hand", value=self.passes, unit="")
        yield Figure(
            what="from the kill until the last lost seat is taken",
            value=max(self.seats),
            unit="s",
            limit=TAKEN_OVER_WITHIN,
        )
        yield Figure(
            what="… until half of them are", value=sorted(self.seats)[count // 2], unit="s"
        )
        yield Figure(
            what="… until the last first pass there begins", value=max(self.first_passes), unit="s"
        )


@dataclass(slots=True)
class Verdict:
    """What the audits say of the whole act."""

    writes: int
    handed_over: int
    at_once: list[Breach] = field(default_factory=list)
    outside: list[Breach] = field(default_factory=list)
    unordered: list[Seat] = field(default_factory=list)

    def figures(self) -> Iterator[Figure]:
        yield Figure(what="writes in the audits", value=self.writes, unit="writes")
        yield Figure(
            what="tenants that several daemons wrote, one after the other",
            value=self.handed_over,
            unit="tenants",
        )
        yield Figure(
            what="writes while another daemon wrote there",
            value=len(self.at_once),
            unit="",
            limit=0,
        )
        yield Figure(
            what="writes outside the writer's own fence", value=len(self.outside), unit="", limit=0
        )
        yield Figure(what="fences that did not grow", value=len(self.unordered), unit="", limit=0)


def lose_two(scene: Scene) -> Loss:
    """Kill two daemons while they have passes in hand, and see their tenants taken over."""
    third = scene.town.writes // 3
    scene.wait("a third is written", lambda: scene.server.tally().posts > third, PATIENCE)
    in_hand = scene.in_hand(LOST)
    for name in LOST:
        scene.machines[name].kill()
    killed = time.time()
    lost = {seat.tenant: seat for seat in scene.ledger.seats().values() if seat.host in LOST}
    say(f"killed {', '.join(LOST)}: {len(lost)} tenants, {len(in_hand)} passes in hand")

    def all_taken() -> bool:
        seats = scene.ledger.seats()
        return all(seats[tenant].host not in LOST for tenant in lost)

    scene.wait("the lost seats are taken", all_taken, PATIENCE)
    scene.wait("a pass in each", lambda: len(_first_passes(scene, lost, killed)) == len(lost), 120)
    taken = {seat.tenant: seat.since for seat in scene.ledger.seats().values()}
    return Loss(
        killed=killed,
        tenants=frozenset(lost),
        passes=len(in_hand),
        seats=[taken[tenant] - killed for tenant in lost],
        first_passes=[at - killed for at in _first_passes(scene, lost, killed).values()],
    )


def agree(scene: Scene) -> float:
    """Wait until every tenant is what its file says; returns the instant."""
    tenants = scene.town.tenants
    at = scene.wait("all agree", lambda: len(scene.agreed()) == tenants, PATIENCE)
    if differing := scene.differing():
        raise AssertionError(f"recorded as done, and not so: {differing[:5]}")
    return at


def drift_and_heal(scene: Scene, loss: Loss) -> Iterator[Figure]:
    """Change a share by hand in each tenant that was lost, and see it put right."""
    began = time.time()
    for host in loss.tenants:
        id, levels = next(iter(scene.town.wanted(host).items()))
        scene.server.drift(host, id, next(iter(levels)), None)
    scene.wait("the drift is healed", lambda: not scene.differing(loss.tenants), PATIENCE)
    yield Figure(
        what="drift by hand in every lost tenant: until all is healed",
        value=time.time() - began,
        unit="s",
    )


def add_one(scene: Scene) -> Iterator[Figure]:
    """Start a third daemon, and see it get its share."""
    fair = scene.town.tenants // 3
    began = scene.begin([HELP])
    ended = scene.wait("a fair share", lambda: scene.sitting()[HELP] >= fair, PATIENCE)
    yield Figure(what="a third daemon: until it has its share", value=ended - began, unit="s")
    for name, count in sorted(scene.sitting().items()):
        yield Figure(what=f"… tenants of {name}", value=count, unit="tenants")


def judge(scene: Scene) -> Verdict:
    """What the audits say; the first breaches are told on stderr."""
    writes, seats = scene.writes(), scene.ledger.seen
    verdict = Verdict(
        writes=len(writes),
        handed_over=handovers(writes),
        at_once=by_two_at_once(writes),
        outside=outside_reigns(writes, seats),
        unordered=unordered(seats),
    )
    for breach in [*verdict.at_once, *verdict.outside][:5]:
        say(f"BREACH {breach.write}: {breach.why}")
    return verdict


def _first_passes(scene: Scene, lost: Container[str], since: float) -> dict[str, float]:
    """When the first pass began, in each lost tenant where one has, since the loss."""
    later = [each for each in scene.ledger.passes() if each.started > since]
    first: dict[str, float] = {}
    for each in sorted(later, key=lambda each: each.started):
        if each.tenant in lost:
            first.setdefault(each.tenant, each.started)
    return first
