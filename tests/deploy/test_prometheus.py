"""The rules and the dashboard: about the metrics there are, and right about when to alert."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.daemon import metrics, scrape
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
    # Only of many tenants; all others have then the label `tenant`.
    "reconciler_tenants": {"seat"},
    "reconciler_stuck_tenants": set(),
}
OF_THE_PROCESS = {"reconciler_tenants", "reconciler_stuck_tenants"}
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
    of_tenants = set[str]() if asked & OF_THE_PROCESS else {"tenant"}
    known = SCRAPED.union(of_tenants, *(METRICS[name] for name in asked))
    by = {label for each in re.findall(r"by \(([\w, ]+)\)", query) for label in each.split(", ")}
    matched = {label for each in re.findall(r"\{([^}]*)\}", query) for label in _labels(each)}
    assert by | matched <= known


def _labels(matchers: str) -> set[str]:
    return set(re.findall(r"(\w+)\s*=~?", matchers))


def test_every_metric_is_on_the_dashboard() -> None:
    shown = set().union(*(metrics_in(t["expr"]) for p in PANELS for t in p["targets"]))

    assert shown == METRICS.keys()


def test_the_metrics_are_those_that_the_daemon_shows() -> None:
    sources = [Path(str(each.__file__)).read_text(encoding="utf-8") for each in (metrics, scrape)]

    # A counter is written without its ending.
    shown = {name for each in sources for name in re.findall(r'"(reconciler_\w+)"', each)}
    assert {each.removesuffix("_total") for each in METRICS} == shown


def test_the_dashboard_takes_any_data_source() -> None:
    uids = {each["datasource"]["uid"] for panel in PANELS for each in (panel, *panel["targets"])}

    assert uids == {"${datasource}"}
    variables = [each["name"] for each in DASHBOARD["templating"]["list"]]
    assert variables == ["datasource", "job", "tenant"]


def test_every_panel_about_tenants_shows_those_that_are_chosen() -> None:
    for panel in PANELS:
        for query in (target["expr"] for target in panel["targets"]):
            if not metrics_in(query) & OF_THE_PROCESS:
                assert query.count('tenant=~"$tenant"') == len(re.findall(r"reconciler_", query))
    # A daemon of one tenant has no such label: what matches anything matches that too.
    (variable,) = (each for each in DASHBOARD["templating"]["list"] if each["name"] == "tenant")
    assert (variable["includeAll"], variable["allValue"]) == (True, ".*")


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
