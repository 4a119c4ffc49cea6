"""
The daemon's metrics, as Prometheus reads them.

What is counted is kept in a registry of our own; what stands is read off the
snapshot at each scrape. No label holds a name of a person or a collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reconciler.core.outcome import Outcomes, Result
from reconciler.core.plan import Action, Plan, summarize
from reconciler.daemon.board import Snapshot

VERDICTS = ("done", "held", "partial", "failed", "stopped")
CREATE_COLLECTION = "create_collection"
ACTIONS = (CREATE_COLLECTION, *Action)
GUARDS = (
    "completeness",
    "protect",
    "visibility",
    "identity",
    "unresolved",
    "allow_empty",
    "blind_create",
    "flapping",
    "removals.per_collection",
    "removals.per_pass",
    "removals.per_day",
    "expiries.per_pass",
    "escalations.per_pass",
    "grants.per_pass",
)
CONFIG_VALID = "reconciler_config_valid"
CONFIG_VALID_HELP = "1 when the files on disk are in force, 0 when an earlier version is."
_PASS_SECONDS = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
_REQUEST_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meter:
    """Counts passes, changes and requests. Any thread may call it."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._registry = registry = CollectorRegistry()
        self._passes = Counter(
            "reconciler_passes", "Passes, by how they ended.", ["verdict"], registry=registry
        )
        self._pass_seconds = Histogram(
            "reconciler_pass_seconds",
            "How long passes that ran to their end took.",
            buckets=_PASS_SECONDS,
            registry=registry,
        )
        self._changes = Counter(
            "reconciler_changes",
            "Changes that passes were to carry out, by what became of them.",
            ["action", "outcome"],
            registry=registry,
        )
        self._requests = Counter(
            "reconciler_http_requests",
            "Requests to Studio, by route and by status (or what broke).",
            ["route", "status"],
            registry=registry,
        )
        self._request_seconds = Histogram(
            "reconciler_http_request_seconds",
            "How long requests to Studio took.",
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        registry.register(_Standing(snapshot))
        # There from the start, so that a first failure is a rise from nought.
        for verdict in VERDICTS:
            self._passes.labels(verdict)
        for action, result in product(ACTIONS, Result):
            self._changes.labels(action, result)
        self._first = self._mark = object()

    @property
    def mark(self) -> object:
        """Another one as soon as anything more was counted."""
        return self._mark

    @property
    def has_counted(self) -> bool:
        return self._mark is not self._first

    def requested(self, route: str, status: str, seconds: float) -> None:
        """Count one request, as `studio.session.RequestObserver` is told of it."""
        self._requests.labels(route, status).inc()
        self._request_seconds.observe(seconds)
        self._mark = object()

    def ended(self, verdict: str, seconds: float, plan: Plan, outcomes: Outcomes) -> None:
        """Count a pass that ran to its end, and what it did."""
        self._passes.labels(verdict).inc()
        self._pass_seconds.observe(seconds)
        for entry, change in plan.changes():
            if (outcome := outcomes.shares.get((entry.key, change.principal))) is not None:
                self._changes.labels(change.action, outcome.result).inc()
        for outcome in outcomes.collections.values():
            self._changes.labels(CREATE_COLLECTION, outcome.result).inc()
        self._mark = object()

    def failed(self) -> None:
        """Count a pass that did not get to its end."""
        self._passes.labels("failed").inc()
        self._mark = object()

    def exposition(self) -> bytes:
        """Write everything out in the text format 0.0.4."""
        return generate_latest(_Plain(self._registry))

    def families(self) -> Iterator[Metric]:
        """Everything as it is now; the samples are the caller's to change."""
        return _Plain(self._registry).collect()


class _Plain(Collector):
    """The registry without the times at which its counters were made: nobody asked for those."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [s for s in family.samples if not s.name.endswith("_created")]
            yield family


class _Standing(Collector):
    """The gauges: how things stood after the last pass."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def describe(self) -> Iterable[Metric]:
        """Name nothing: there is no snapshot yet when this is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        now = self._snapshot()
        left = now.last.left if now.last is not None else Plan()
        counts = asdict(summarize(left))
        yield GaugeMetricFamily(
            "reconciler_last_attempt_timestamp_seconds",
            "When the last pass began; 0 before the first.",
            value=_seconds(now.last_attempt),
        )
        yield GaugeMetricFamily(
            "reconciler_last_success_timestamp_seconds",
            "When a pass last did all that it may; 0 before the first.",
            value=_seconds(now.last_success),
        )
        yield _labelled(
            "reconciler_pending_changes",
            "What the last pass left to be done, held changes included.",
            "action",
            {action: counts[action] for action in ACTIONS},
        )
        yield _labelled(
            "reconciler_holds", "Changes that a guard holds.", "guard", _held_by_guard(left)
        )
        yield GaugeMetricFamily(
            "reconciler_unresolved_principals",
            "Names in the files that are nobody, or several.",
            value=counts["unresolved"],
        )
        yield GaugeMetricFamily(
            "reconciler_unreadable_collections",
            "Managed collections that the last pass could not read.",
            value=counts["unreadable"],
        )
        if now.token_expires is not None:
            yield GaugeMetricFamily(
                "reconciler_token_expires_timestamp_seconds",
                "When the token in use expires; absent where nothing tells.",
                value=_seconds(now.token_expires),
            )
        yield GaugeMetricFamily(
            CONFIG_VALID,
            CONFIG_VALID_HELP,
            value=0 if now.in_force.problems else 1,
        )


def _held_by_guard(plan: Plan) -> dict[str, int]:
    held = dict.fromkeys(GUARDS, 0)
    for hold in plan.holds:
        held[hold.guard] = held.get(hold.guard, 0) + hold.changes
    return held


def _labelled(name: str, help: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _seconds(when: datetime | None) -> float:
    return 0.0 if when is None else when.timestamp()
