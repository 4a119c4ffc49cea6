"""Limits, protection and acknowledgements: what is left out, what is null, what is 0."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.core.declared import Reference
from reconciler.core.limits import Limit, Limits, Visibility
from reconciler.core.model import PrincipalType
from tests.config.given import loaded, told


def limits(folder: Path, text: str) -> Limits:
    return loaded(folder, f"guards: {text}").settings.limits


CASES = [
    pytest.param("{}", Limits(), id="nothing-said"),
    pytest.param("{removals: {}}", Limits(), id="nothing-said-of-removals"),
    pytest.param(
        "{removals: {per_pass: {count: 4}}}",
        Limits(removals_per_pass=Limit(4, Decimal(0))),
        id="an-absent-percent-is-0",
    ),
    pytest.param(
        "{removals: {per_day: {percent: 12.5}}}",
        Limits(removals_per_day=Limit(0, Decimal("12.5"))),
        id="an-absent-count-is-0",
    ),
    pytest.param(
        "{removals: {per_collection: {}}}",
        Limits(removals_per_collection=Limit()),
        id="none-at-all",
    ),
    pytest.param(
        "{removals: {per_collection: null, per_pass: ~}}",
        Limits(removals_per_collection=None, removals_per_pass=None),
        id="null-is-off",
    ),
    pytest.param(
        "{escalations: {per_pass: null}, expiries: {per_pass: {count: 1}}}",
        Limits(escalations_per_pass=None, expiries_per_pass=Limit(1)),
        id="others-per-pass",
    ),
    pytest.param(
        "{grants: {per_pass: {count: 0}}}",
        Limits(grants_per_pass=Limit()),
        id="grants",
    ),
    pytest.param(
        "{visibility: null, flapping: null}", Limits(visibility=None, flapping=None), id="off"
    ),
    pytest.param(
        "{visibility: {count: 5, drop_percent: null}}",
        Limits(visibility=Visibility(5, Decimal(0), None)),
        id="no-limit-to-the-drop",
    ),
    pytest.param(
        "{visibility: {count: 5}}",
        Limits(visibility=Visibility(5, Decimal(0), Decimal(30))),
        id="an-absent-drop-is-the-default",
    ),
    pytest.param("{flapping: {count: 9}}", Limits(flapping=9), id="flapping"),
]


@pytest.mark.parametrize(("text", "read"), CASES)
def test_limits(tmp_path: Path, text: str, read: Limits) -> None:
    assert limits(tmp_path, text) == read


def test_the_contract_s_numbers_are_the_defaults(tmp_path: Path) -> None:
    written = (
        "{removals: {per_collection: {count: 3, percent: 30}, per_pass: {count: 10, percent: 10},"
        " per_day: {count: 25, percent: 15}}, escalations: {per_pass: {count: 10, percent: 10}},"
        " expiries: {per_pass: {count: 50, percent: 25}}, grants: {per_pass: null},"
        " visibility: {count: 3, percent: 5, drop_percent: 30}, flapping: {count: 3},"
        " protect: {users: [], groups: []}}"
    )

    assert limits(tmp_path, written) == limits(tmp_path, "{}")


def test_the_protected_keep_their_places(tmp_path: Path) -> None:
    text = "{protect: {users: [ada@school.edu, 102], groups: [Media Team]}}"

    found = [(who, place.short) for who, place in limits(tmp_path, text).protect]

    assert found == [
        (Reference(PrincipalType.USER, name="ada@school.edu"), "config.yaml:3"),
        (Reference(PrincipalType.USER, id=102), "config.yaml:3"),
        (Reference(PrincipalType.GROUP, name="Media Team"), "config.yaml:3"),
    ]


@pytest.mark.parametrize("percent", ["101", "-1", "1e1", "0x1", "'5'", "many", "1,5", "5%", ".5"])
def test_a_percentage_is_from_0_to_100(tmp_path: Path, percent: str) -> None:
    assert told(tmp_path, f"guards: {{removals: {{per_pass: {{percent: {percent}}}}}}}")


def test_an_acknowledgement_holds_through_its_last_day(tmp_path: Path) -> None:
    text = (
        "timezone: America/Chicago\n"
        "acknowledge: [{hold: 7c1f0a9e, until: 2026-12-01, reason: 'ticket 4821'}]"
    )

    (found,) = loaded(tmp_path, text).settings.acknowledge

    assert found.hold == "7c1f0a9e"
    assert found.until == datetime(2026, 12, 2, 6, tzinfo=UTC)
    assert found.reason == "ticket 4821"
    assert found.source is not None
    assert found.source.short == "config.yaml:4"


@pytest.mark.parametrize("hold", ["12345678", "1e234567", "00000000"])
def test_a_hold_of_digits_is_no_number(tmp_path: Path, hold: str) -> None:
    text = f"acknowledge: [{{hold: {hold}, until: 2026-12-01, reason: x}}]"

    assert loaded(tmp_path, text).settings.acknowledge[0].hold == hold
