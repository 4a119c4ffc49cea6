"""What the pages say of the repository, the keys, the guards, the metrics: it is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.cli.exits import Exit
from reconciler.config.jsonschema import json_schema
from reconciler.core.guards import EVIDENCE, FINAL_GUARDS, QUOTAS
from reconciler.daemon.metrics import GUARDS, VERDICTS, Meter
from reconciler.daemon.tenants import Roster, exposition
from tests.daemon.served import served, served_many
from tests.daemon.snapshots import STARTING, after, agreeing
from tests.daemon.tenants_of_all_kinds import kept, roster
from tests.docs.pages import PAGES, ROOT, coded, keys_of, rows, section

SERVICE, GUARDS_PAGE, FILE = (
    PAGES[f"docs/{name}.md"] for name in ("service", "guards", "the-file")
)
EVERYWHERE = {**PAGES, "deploy/README.md": (ROOT / "deploy/README.md").read_text(encoding="utf-8")}


# --- links and paths ---------------------------------------------------------------------


def links() -> Iterator[Any]:
    for page, text in EVERYWHERE.items():
        for target in dict.fromkeys(re.findall(r"\]\(([^)]+)\)", text)):
            if "://" not in target:
                yield pytest.param(page, target, id=f"{page} -> {target}")


def anchors(text: str) -> set[str]:
    """The names that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "target"), [*links()])
def test_a_link_leads_somewhere(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (ROOT / page).parent / path if path else ROOT / page
    assert there.exists()
    assert there.resolve().is_relative_to(ROOT)
    if anchor:
        assert anchor in anchors(there.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [name for name in PAGES if name != "README.md"])
def test_the_readme_leads_to_every_page(page: str) -> None:
    assert f"]({page})" in section(PAGES["README.md"], "## More")


@pytest.mark.parametrize("page", EVERYWHERE)
def test_a_path_that_is_named_is_there(page: str) -> None:
    # `deploy/reconciler` alone is how kubectl names a Deployment.
    named = re.findall(
        r"(?<![\w/.])(?:deploy|docs|tests)/(?!reconciler )[\w./-]*\w", EVERYWHERE[page]
    )
    for path in named:
        assert (ROOT / path).exists(), path


# --- keys ----------------------------------------------------------------------------------


KEYS = tuple(dict(keys_of(json_schema())))
TOP = [key for key in KEYS if "." not in key]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_told_on_the_page_of_the_file(key: str) -> None:
    page = FILE + GUARDS_PAGE if key.startswith("guards.") else FILE
    assert re.search(rf"(?<![\w.-])(?:\w+\.)*{key.rpartition('.')[2]}(?![\w-])", page)


def test_the_table_of_the_file_has_every_key_at_its_top_and_no_other() -> None:
    table = [coded(cells[0]) for cells in rows(section(FILE, "## At the top"))]
    assert sorted(key for cell in table for key in cell) == sorted(TOP)


@pytest.mark.parametrize("page", PAGES)
def test_a_key_that_is_named_is_one(page: str) -> None:
    above = "|".join(TOP)
    named = re.findall(rf"`((?:{above})(?:\.\w+)+)(?=[`:])", PAGES[page])
    assert set(named) <= {*KEYS, "reconciler.db"}


# --- guards, metrics, exit statuses, paths of the pages --------------------------------------


def test_the_guards_are_told_in_the_order_in_which_they_judge() -> None:
    table = list(rows(GUARDS_PAGE.partition("\nThey judge in this order")[0]))
    told = [name for cells in table for name in coded(cells[0])]

    assert told == list(GUARDS)
    assert [name.replace(".", "_") for name in told] == [
        guard.__name__ for guard in (*EVIDENCE, *QUOTAS)
    ]


def test_the_guards_that_nobody_can_acknowledge_are_told() -> None:
    table = list(rows(GUARDS_PAGE.partition("\nThey judge in this order")[0]))
    never = {name for *cells, last in table for name in coded(cells[0]) if last == "never"}

    assert never == FINAL_GUARDS
    assert {last for *_, last in table} == {"never", "yes"}


def metrics() -> dict[str, set[str]]:
    """Every metric that the daemon shows, with its labels."""
    meter = Meter(lambda: replace(STARTING, token_expires=datetime(2027, 1, 1, tzinfo=UTC)))
    meter.requested("GET /collections/{id}", "200", 0.1)
    found = {}
    for family in text_string_to_metric_families(meter.exposition().decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] = {label for each in family.samples for label in each.labels} - {"le"}
    return found


def test_the_metrics_that_are_told_are_those_there_are() -> None:
    table = [coded(cells[0])[0] for cells in rows(section(SERVICE, "## Metrics and alerts"))]
    told = {name: set(filter(None, labels)) for name, labels in map(_labelled, table)}

    assert told == metrics()
    assert all(f"`{verdict}`" in SERVICE for verdict in VERDICTS)


def _labelled(metric: str) -> tuple[str, list[str]]:
    name, _, labels = metric.rstrip("}").partition("{")
    return name, labels.split(",")


@pytest.mark.parametrize("page", EVERYWHERE)
def test_a_metric_that_is_named_is_one(page: str) -> None:
    named = re.findall(r"\breconciler_\w+", EVERYWHERE[page])
    of_many = text_string_to_metric_families(exposition(Roster()).decode())
    assert set(named) <= {*metrics(), *(family.name for family in of_many)}


@pytest.mark.parametrize(
    ("page", "title"),
    [("README.md", "## Exit status"), ("docs/ci.md", "## Exit statuses in scripts")],
)
def test_the_exit_statuses_are_told_as_they_are(page: str, title: str) -> None:
    table = [cells[0] for cells in rows(section(PAGES[page], title))]
    assert [int(each) for each in table if each.isdecimal()] == sorted(Exit)


def test_every_path_of_the_status_page_answers(tmp_path: Path) -> None:
    table = rows(section(SERVICE, "## The status page"))
    told = [path for cells in table for path in coded(cells[0])]
    assert len(told) >= 9

    with served(STARTING, state=tmp_path / "none.db") as site:
        answers = {path: site.ask(path).status for path in told}

    # Before the first pass there is no plan.
    assert answers == {**dict.fromkeys(told, 200), "/api/v1/plan": 404}


def test_every_path_of_many_tenants_answers() -> None:
    table = rows(section(SERVICE, "## The pages of many tenants"))
    told = [path for cells in table for path in coded(cells[0])]
    assert len(told) >= 9

    with served_many(roster(kept("north.edu", after(agreeing())))) as site:
        answers = {path: site.ask(path.replace("TENANT", "north.edu")).status for path in told}

    assert answers == dict.fromkeys(told, 200)
