"""The metrics of many tenants: the contract's names, each tenant's own under its label."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.core.outcome import Outcomes
from reconciler.daemon.board import Snapshot
from reconciler.daemon.tenants import exposition
from tests.daemon.snapshots import after, agreeing, eventful
from tests.daemon.tenants_of_all_kinds import (
    BROKEN,
    ELSEWHERE,
    NOBODY,
    Kept,
    consortium,
    kept,
    roster,
)

OF_THE_PROCESS = {"reconciler_tenants", "reconciler_stuck_tenants"}
CONFIG_VALID = "reconciler_config_valid"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Every sample by its name and labels; none is there twice."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found
            found[key] = sample.value
    return found


def scraped(*tenants: Kept) -> Samples:
    return samples(exposition(roster(*tenants)).decode())


def of(tenant: str, found: Samples) -> Samples:
    """What is told of one tenant, without its label."""
    label = ("tenant", tenant)
    return {(name, rest - {label}): n for (name, rest), n in found.items() if label in rest}


def passed(tenant: Kept) -> None:
    """A pass of it ran to its end."""
    tenant.meter.requested("GET /collections", "200", 0.1)
    tenant.meter.ended("done", 4.0, agreeing(), Outcomes())


def test_a_tenant_s_samples_are_those_it_has_alone() -> None:
    north, south = kept("north.edu", after(agreeing())), kept('so"uth\\.edu', eventful())
    for each in (north, south):
        passed(each)
    found = scraped(north, south)

    for each in (north, south):
        assert of(each.tenant.name, found) == samples(each.meter.exposition().decode())
    assert {name for name, labels in found if "tenant" not in dict(labels)} == OF_THE_PROCESS


def test_every_family_is_told_once() -> None:
    text = exposition(roster(*consortium(40), broken=(BROKEN,))).decode()

    heads = Counter(re.findall(r"^# (?:HELP|TYPE) \S+", text, re.MULTILINE))
    assert set(heads.values()) == {1}
    assert samples(text)


def test_how_things_stand_is_told_only_where_the_seat_is() -> None:
    moved = kept("moved.edu", eventful())
    passed(moved)
    before = of("moved.edu", scraped(moved))
    moved.board.post(replace(moved.tenant.now, standing_by="fleet-2:7"))
    after_it = of("moved.edu", scraped(moved))

    gone = {name for name, _ in before.keys() - after_it.keys()}
    assert "reconciler_holds" in gone
    assert "reconciler_last_success_timestamp_seconds" in gone
    # What was counted stays, so that sums do not fall.
    assert {name for name, _ in after_it} >= {"reconciler_passes_total", CONFIG_VALID}
    assert all(before[key] == value for key, value in after_it.items())


@pytest.mark.parametrize("now", [ELSEWHERE, NOBODY], ids=["elsewhere", "nobody"])
def test_of_a_tenant_that_never_sat_here_only_the_file_is_told(now: Snapshot) -> None:
    tenant = kept("away.edu", now)

    assert {name for name, _ in of("away.edu", scraped(tenant))} == {CONFIG_VALID}


def test_it_counts_tenants_by_where_they_sit() -> None:
    tenants = [
        *(kept(f"{each}.edu", after(agreeing())) for each in range(3)),
        *(kept(f"away-{each}.edu", ELSEWHERE) for each in range(2)),
        kept("new.edu", NOBODY),
    ]
    tenants[0].halts()
    found = scraped(*tenants)

    seats = {dict(labels)["seat"]: n for (name, labels), n in found.items() if "tenants" in name
             and labels}  # fmt: skip
    assert seats == {"here": 3, "elsewhere": 2, "nobody": 1}
    assert found["reconciler_stuck_tenants", frozenset()] == 1


def test_a_file_that_never_was_any_good_is_told_by_its_name() -> None:
    text = exposition(roster(kept("north.edu", after(agreeing())), broken=(BROKEN,))).decode()

    found = {dict(labels)["tenant"]: n for (name, labels), n in samples(text).items()
             if name == CONFIG_VALID}  # fmt: skip
    assert found == {"north.edu": 1, "new-school.yaml": 0}


def test_two_files_of_one_name_are_one_sample() -> None:
    broken = (BROKEN, replace(BROKEN, file="others/new-school.yaml"))

    assert samples(exposition(roster(broken=broken)).decode())


def test_what_did_not_change_is_not_written_anew() -> None:
    tenant = kept("north.edu", after(agreeing()))
    before = tenant.tenant.scraped()
    assert tenant.tenant.scraped() is before

    passed(tenant)
    counted = tenant.tenant.scraped()
    assert counted != before

    tenant.board.post(eventful())
    assert tenant.tenant.scraped() != counted


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_has_nothing_to_say_against_it() -> None:
    ran = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - wherever it is
        input=exposition(roster(*consortium(40), broken=(BROKEN,))),
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
