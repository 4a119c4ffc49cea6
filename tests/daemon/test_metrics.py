"""The metrics: the contract's names and labels, and no names of people."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.core.guards import EVIDENCE, QUOTAS
from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Plan
from reconciler.daemon.board import Snapshot
from reconciler.daemon.metrics import GUARDS, Meter
from tests.builders import EDIT, VIEW, change, plan_of, planned, user
from tests.daemon.snapshots import STARTING, after, agreeing, eventful

# The contract's, section 4; a histogram is its name with suffixes.
NAMES = {
    "reconciler_passes_total": {"verdict"},
    "reconciler_last_attempt_timestamp_seconds": set(),
    "reconciler_last_success_timestamp_seconds": set(),
    "reconciler_pass_seconds": set(),
    "reconciler_changes_total": {"action", "outcome"},
    "reconciler_pending_changes": {"action"},
    "reconciler_holds": {"guard"},
    "reconciler_unresolved_principals": set(),
    "reconciler_unreadable_collections": set(),
    "reconciler_http_requests_total": {"route", "status"},
    "reconciler_http_request_seconds": set(),
    "reconciler_token_expires_timestamp_seconds": set(),
    "reconciler_config_valid": set(),
}


def meter(now: Snapshot = STARTING) -> Meter:
    return Meter(lambda: now)


def samples(meter: Meter) -> dict[str, dict[tuple[str, ...], float]]:
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(meter.exposition().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def value(meter: Meter, name: str, *labels: str) -> float:
    return samples(meter)[name][labels]


def test_every_name_and_label_is_the_contract_s_and_no_other() -> None:
    counted = meter(replace(eventful(), token_expires=datetime(2027, 1, 1, tzinfo=UTC)))
    counted.requested("GET /collections/{id}", "200", 0.1)
    seen: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(counted.exposition().decode()):
        for sample in family.samples:
            name = re.sub(r"_seconds_(bucket|count|sum)$", "_seconds", sample.name)
            seen.setdefault(name, set()).update(set(sample.labels) - {"le"})

    assert seen == NAMES


def test_no_label_tells_who_or_what_a_share_is_about() -> None:
    counted = meter(eventful("grace@school.edu"))

    assert "grace" not in counted.exposition().decode()


def test_the_guards_are_the_core_s_in_its_order() -> None:
    named = [each.__name__.replace("_per_", ".per_") for each in _functions((*EVIDENCE, *QUOTAS))]

    assert list(GUARDS) == named


def _functions(guards: Iterable[object]) -> list[Callable[[], None]]:
    return [each for each in guards if callable(each)]


def test_a_pass_counts_what_became_of_each_change() -> None:
    new = planned(change(user(1), None, VIEW), change(user(2), VIEW, EDIT), id=None)
    plan = plan_of(new)
    outcomes = Outcomes(
        shares={(new.key, user(1)): APPLIED, (new.key, user(2)): Outcome(Result.FAILED)},
        collections={new.key: APPLIED},
    )
    counted = meter()

    counted.ended("partial", 2.0, plan, outcomes)

    assert value(counted, "reconciler_passes_total", "partial") == 1
    assert value(counted, "reconciler_changes_total", "create", "applied") == 1
    assert value(counted, "reconciler_changes_total", "update", "failed") == 1
    assert value(counted, "reconciler_changes_total", "create_collection", "applied") == 1
    assert value(counted, "reconciler_pass_seconds_sum") == 2


def test_a_pass_that_was_not_to_write_changed_nothing() -> None:
    counted = meter()

    counted.ended("done", 1.0, plan_of(planned(change(user(1), None, VIEW))), Outcomes())

    assert sum(samples(counted)["reconciler_changes_total"].values()) == 0


def test_a_pass_that_broke_off_is_counted_and_has_no_length() -> None:
    counted = meter()

    counted.failed()

    assert value(counted, "reconciler_passes_total", "failed") == 1
    assert value(counted, "reconciler_pass_seconds_count") == 0


def test_what_is_left_is_told_as_it_stands() -> None:
    counted = meter(eventful())

    assert value(counted, "reconciler_pending_changes", "create") == 1
    assert value(counted, "reconciler_pending_changes", "destroy") == 1
    assert value(counted, "reconciler_holds", "removals.per_pass") == 1
    assert value(counted, "reconciler_holds", "flapping") == 0
    assert value(counted, "reconciler_unresolved_principals") == 1
    assert value(counted, "reconciler_unreadable_collections") == 1
    assert value(counted, "reconciler_config_valid") == 0


def test_what_is_settled_goes_back_to_nought() -> None:
    counted = meter(after(agreeing()))

    assert set(samples(counted)["reconciler_pending_changes"].values()) == {0}
    assert value(counted, "reconciler_config_valid") == 1


def test_a_token_whose_end_nothing_tells_is_absent() -> None:
    assert "reconciler_token_expires_timestamp_seconds" not in samples(meter())


def test_meters_do_not_share_what_they_count() -> None:
    one, other = meter(), meter()

    one.failed()

    assert value(other, "reconciler_passes_total", "failed") == 0


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_has_nothing_to_say_against_it() -> None:
    counted = meter(eventful())
    counted.ended("held", 1.0, Plan(), Outcomes())
    counted.requested("GET /collections", "200", 0.2)

    checked = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - wherever it is
        input=counted.exposition(),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
