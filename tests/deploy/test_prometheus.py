"""The rules and the dashboard: about the metrics there are, and right about when to alert."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.daemon import metrics
from tests.deploy.recipes import DEPLOY, documents, foreign, run

PROMETHEUS = DEPLOY / "prometheus"
ALERTS = PROMETHEUS / "alerts.yaml"
DASHBOARD: dict[str, Any] = json.loads(
    (PROMETHEUS / "grafana-dashboard.json").read_text(encoding="utf-8")
)
# As people who scrape rely on them.
METRICS = {
    "reconciler_passes_total": {"verdict"},
    "reconciler_last_attempt_timestamp_seconds": set(),
    "reconciler_last_success_timestamp_seconds": set(),
    "reconciler_pass_seconds": {"le"},
    "reconciler_changes_total": {"action", "outcome"},
    "reconciler_pending_changes": {"action"},
    "reconciler_holds": {"guard"},
    "reconciler_unresolved_principals": set(),
    "reconciler_unreadable_collections": set(),
    "reconciler_http_requests_total": {"route", "status"},
    "reconciler_http_request_seconds": {"le"},
    "reconciler_token_expires_timestamp_seconds": set(),
    "reconciler_config_valid": set(),
}
SCRAPED = {"job", "instance"}

RULES = [rule for group in documents(ALERTS)[0]["groups"] for rule in group["rules"]]
PANELS = DASHBOARD["panels"]
QUERIES = [rule["expr"] for rule in RULES] + [t["expr"] for p in PANELS for t in p["targets"]]


def metrics_in(query: str) -> set[str]:
    return {name.removesuffix("_bucket") for name in re.findall(r"reconciler_\w+", query)}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_metrics_and_labels_that_there_are(query: str) -> None:
    asked = metrics_in(query)

    assert asked
    assert asked <= METRICS.keys()
    known = SCRAPED.union(*(METRICS[name] for name in asked))
    by = {label for each in re.findall(r"by \(([\w, ]+)\)", query) for label in each.split(", ")}
    matched = {label for each in re.findall(r"\{([^}]*)\}", query) for label in _labels(each)}
    assert by | matched <= known


def _labels(matchers: str) -> set[str]:
    return set(re.findall(r"(\w+)\s*=~?", matchers))


def test_every_metric_is_on_the_dashboard() -> None:
    shown = set().union(*(metrics_in(t["expr"]) for p in PANELS for t in p["targets"]))

    assert shown == METRICS.keys()


def test_the_metrics_are_those_that_the_daemon_shows() -> None:
    source = Path(metrics.__file__).read_text(encoding="utf-8")

    # A counter is written without its ending.
    shown = set(re.findall(r'"(reconciler_\w+)"', source))
    assert {each.removesuffix("_total") for each in METRICS} == shown


def test_the_dashboard_takes_any_data_source() -> None:
    uids = {each["datasource"]["uid"] for panel in PANELS for each in (panel, *panel["targets"])}

    assert uids == {"${datasource}"}
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource", "job"]


def test_no_panel_lies_on_another() -> None:
    cells = [
        (x, y)
        for panel in PANELS
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_grave_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description"}


def test_every_alert_is_tested_both_ways() -> None:
    (tests,) = documents(PROMETHEUS / "alerts.test.yaml")
    cases = [case for each in tests["tests"] for case in each["alert_rule_test"]]

    for rule in RULES:
        fires = {bool(each["exp_alerts"]) for each in cases if each["alertname"] == rule["alert"]}
        assert fires == {True, False}


def test_promtool_finds_the_rules_right() -> None:
    promtool = foreign("promtool", "Debian: apt-get install prometheus")

    run(promtool, "check", "rules", ALERTS)
    run(promtool, "test", "rules", PROMETHEUS / "alerts.test.yaml")
