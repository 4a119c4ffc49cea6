"""
The metrics of many tenants as one exposition: each family once, a label `tenant` on each sample.

A scrape comes every few seconds, and most tenants have done nothing since the
last one. So each one's lines are kept until something was counted or posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reconciler.daemon.board import Seat, Snapshot
from reconciler.daemon.metrics import CONFIG_VALID, CONFIG_VALID_HELP, Meter

_HEAD = 2
"""Lines that a family begins with: its HELP and its TYPE."""


class Scraped:
    """
    One tenant's metrics under its name, written anew only where they changed.

    How things stand is told by the daemon that has the seat, and by no other:
    what it left here is no longer so. What was counted here stays counted.
    """

    def __init__(self, tenant: str, meter: Meter) -> None:
        self._tenant = tenant
        self._meter = meter
        self._kept: tuple[object, Snapshot, Mapping[bytes, bytes]] | None = None

    def families(self, now: Snapshot) -> Mapping[bytes, bytes]:
        """The lines of each family, by the family's head."""
        mark, kept = self._meter.mark, self._kept
        if kept is None or kept[0] is not mark or kept[1] is not now:
            told = filter(self._told(now), self._meter.families())
            kept = self._kept = (mark, now, dict(_written(told, self._tenant)))
        return kept[2]

    def _told(self, now: Snapshot) -> _Told:
        return _Told(is_here=now.seat is Seat.HERE, has_counted=self._meter.has_counted)


class _Told:
    """Which families a tenant has."""

    def __init__(self, *, is_here: bool, has_counted: bool) -> None:
        self._is_here = is_here
        self._has_counted = has_counted

    def __call__(self, family: Metric) -> bool:
        if family.name == CONFIG_VALID or self._is_here:
            return True
        return family.type != "gauge" and self._has_counted


def merged(parts: Iterable[Mapping[bytes, bytes]]) -> bytes:
    """Put families of the same head together."""
    lines: dict[bytes, list[bytes]] = {}
    for part in parts:
        for head, body in part.items():
            lines.setdefault(head, []).append(body)
    return b"".join(head + b"".join(bodies) for head, bodies in lines.items())


def seats(counts: Mapping[Seat, int], stuck: int) -> Mapping[bytes, bytes]:
    """How many tenants there are, by where their seats are, and how many get on no more."""
    known = GaugeMetricFamily(
        "reconciler_tenants",
        "Tenants known to this process, by who has the seat.",
        labels=["seat"],
    )
    for seat in Seat:
        known.add_metric([seat], counts.get(seat, 0))
    halted = GaugeMetricFamily(
        "reconciler_stuck_tenants",
        "Tenants seated here whose loop has made no progress for too long.",
        value=stuck,
    )
    return dict(_written([known, halted]))


def without_a_good_file(names: Iterable[str]) -> Mapping[bytes, bytes]:
    """Files that never were any good, each under the name of the file."""
    family = GaugeMetricFamily(CONFIG_VALID, CONFIG_VALID_HELP, labels=["tenant"])
    for name in sorted(set(names)):
        family.add_metric([name], 0)
    return dict(_written([family]))


def _written(
    families: Iterable[Metric], tenant: str | None = None
) -> Iterator[tuple[bytes, bytes]]:
    for family in families:
        if tenant is not None:
            family.samples = [
                each._replace(labels={**each.labels, "tenant": tenant}) for each in family.samples
            ]
        *head, body = generate_latest(_Only(family)).split(b"\n", _HEAD)
        yield b"".join(line + b"\n" for line in head), body


class _Only(Collector):
    """One family by itself."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        yield self._family
