"""Many tenants on one server, asked over a real connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.config.secrets import SecretSource
from reconciler.config.settings import Bearer
from reconciler.daemon.tenants import Roster
from reconciler.errors import Location
from reconciler.state.records import Verdict
from tests.daemon.served import Asked, served_many
from tests.daemon.snapshots import STARTING, after, agreeing, eventful
from tests.daemon.tenants_of_all_kinds import (
    BROKEN,
    ELSEWHERE,
    NOBODY,
    Kept,
    kept,
    on_record,
    roster,
)

HERE = after(agreeing())
LOCAL = "localhost:8443"
PLACE = Location("config.yaml", 4, 18)
BEARER = Bearer(SecretSource(PLACE, env="STATUS_TOKEN"))
SECRET = {"STATUS_TOKEN": "let-me-in"}


@pytest.fixture(scope="module")
def site() -> Iterator[Asked]:
    tenants = [
        kept("north.edu", HERE),
        kept("south.edu", eventful()),
        kept(LOCAL, HERE),
        kept("west.edu", replace(ELSEWHERE, on_record=on_record(Verdict.FAILED))),
        kept("new.edu", NOBODY),
    ]
    with served_many(roster(*tenants, broken=(BROKEN,))) as asked:
        yield asked


PAGES = ["", "collections", "collections/4711", "passes", "readyz", "healthz", "metrics"]


@pytest.mark.parametrize("tenant", ["north.edu", "south.edu", "localhost%3A8443", LOCAL])
@pytest.mark.parametrize("page", [*PAGES, "api/v1/status", "api/v1/plan"])
def test_every_tenant_has_all_its_pages(site: Asked, tenant: str, page: str) -> None:
    answer = site.ask(f"/t/{tenant}/{page}")

    assert answer.status == 200
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["status", "plan", "passes"])
def test_a_tenant_s_data_is_below_its_name(site: Asked, name: str) -> None:
    below = site.ask(f"/api/v1/tenants/localhost%3A8443/{name}")

    assert (below.status, below.body) == (200, site.ask(f"/t/{LOCAL}/api/v1/{name}").body)


def test_the_first_page_leads_to_each_tenant_and_back(site: Asked) -> None:
    assert 'href="t/localhost%3A8443/"' in site.ask("/").text
    assert 'href="../../"' in site.ask("/t/localhost%3A8443/").text


def test_without_its_slash_an_address_leads_to_the_one_with_it(site: Asked) -> None:
    answer = site.ask("/t/localhost%3A8443")

    assert answer.status == 307
    # Relative, so that no header the client can write has a say in it.
    assert answer.headers["location"] == "localhost%3A8443/"


@pytest.mark.parametrize("tenant", ["nobody.edu", "new-school.yaml", "..", "north.edu%2F.."])
def test_who_is_not_there_is_told_in_a_sentence(site: Asked, tenant: str) -> None:
    page, data = site.ask(f"/t/{tenant}/"), site.ask(f"/api/v1/tenants/{tenant}/status")

    assert (page.status, data.status) == (404, 404)
    if "%2F" not in tenant:
        told = "no such tenant here; the first page lists them all"
        assert page.text == f"{told}\n"
        assert data.json == {"error": told}


def test_the_status_is_of_all_tenants_and_of_files_that_are_none(site: Asked) -> None:
    told = site.ask("/api/v1/status").json

    assert [each["tenant"] for each in told["tenants"]] == [
        "north.edu", "south.edu", LOCAL, "west.edu", "new.edu",
    ]  # fmt: skip
    for each in told["tenants"]:
        alone = site.ask(f"/api/v1/tenants/{each.pop('tenant')}/status").json
        assert each == alone
    assert [each["seat"] and each["seat"]["standing_by"] for each in told["tenants"]] == [
        False, False, False, True, None,
    ]  # fmt: skip
    assert told["broken"] == [{"path": BROKEN.file, "problems": list(BROKEN.problems)}]


def test_what_is_on_record_of_others_is_in_the_status_of_all_and_of_each(site: Asked) -> None:
    tenants = site.ask("/api/v1/status").json["tenants"]
    told = {each["tenant"]: each["on_record"] for each in tenants}

    assert {name for name, each in told.items() if each} == {"west.edu"}
    assert told["west.edu"]["verdict"] == "failed"
    assert site.ask("/api/v1/tenants/west.edu/status").json["on_record"] == told["west.edu"]
    assert "Its last pass on record" in site.ask("/t/west.edu/").text


def test_only_what_a_filter_finds_is_listed(site: Asked) -> None:
    page = site.ask("/?q=NORTH").text

    assert "t/north.edu/" in page
    assert "t/south.edu/" not in page


# --- the two checks -----------------------------------------------------------------------


def of(site: Asked, path: str) -> tuple[int, str]:
    answer = site.ask(path)
    return answer.status, answer.json["status"]


HALTING = [
    pytest.param(0, 4, (200, "ok"), id="none-of-four"),
    pytest.param(1, 4, (200, "degraded"), id="one-of-four"),
    pytest.param(2, 4, (200, "degraded"), id="half"),
    pytest.param(3, 4, (503, "stuck"), id="more-than-half"),
    pytest.param(1, 1, (503, "stuck"), id="the-only-one"),
    pytest.param(0, 0, (200, "ok"), id="none-is-here"),
]


@pytest.mark.parametrize(("stuck", "here", "expected"), HALTING)
def test_one_stuck_tenant_is_told_and_does_not_restart_the_others(
    stuck: int, here: int, expected: tuple[int, str]
) -> None:
    tenants = [kept(f"{number}.edu", HERE) for number in range(here)]
    elsewhere = [kept("away.edu", ELSEWHERE), kept("new.edu", NOBODY)]
    for each in (*tenants[:stuck], *elsewhere):
        each.halts()

    with served_many(roster(*tenants, *elsewhere)) as site:
        assert of(site, "/healthz") == expected
        assert site.ask("/healthz").json["stuck"] == [f"{each}.edu" for each in range(stuck)]
        if stuck:
            assert site.ask("/t/0.edu/healthz").status == 503
            assert "Stuck: its last progress was 1 hour ago" in site.ask("/").text
            assert f"reconciler_stuck_tenants {stuck}.0" in site.ask("/metrics").text


UNREADY = [
    pytest.param(0, 3, (200, "ready"), id="all-are-ready"),
    pytest.param(2, 3, (200, "ready"), id="one-is"),
    pytest.param(3, 3, (503, "not ready"), id="none-is"),
    pytest.param(0, 0, (200, "ready"), id="none-is-here"),
]


@pytest.mark.parametrize(("unready", "here", "expected"), UNREADY)
def test_it_is_ready_unless_no_tenant_that_sits_here_is(
    unready: int, here: int, expected: tuple[int, str]
) -> None:
    tenants = [kept(f"{number}.edu", HERE) for number in range(here)]
    away = kept("away.edu", ELSEWHERE)
    for each in (*tenants[:unready], away):
        each.misses(4)

    with served_many(roster(*tenants, away)) as site:
        assert of(site, "/readyz") == expected
        told = site.ask("/readyz").json["tenants"]
        assert [name for name, each in told.items() if each["status"] == "not ready"] == [
            f"{each}.edu" for each in range(unready)
        ]
        for number in range(here):
            assert site.ask(f"/t/{number}.edu/readyz").status == (503 if number < unready else 200)


def test_the_checks_answer_anybody_and_name_tenants_only_to_who_is_let_in() -> None:
    stuck = kept("north.edu", HERE)
    stuck.halts()
    shown = roster(stuck, kept("south.edu", HERE))
    with served_many(shown, auth=BEARER, environment=SECRET) as site:
        for path in ("/healthz", "/readyz"):
            assert "north.edu" not in site.ask(path).text
            allowed = site.ask(path, headers={"Authorization": "Bearer let-me-in"})
            assert "north.edu" in allowed.text
        assert of(site, "/healthz") == (200, "degraded")
        assert site.ask("/t/north.edu/readyz").status == 401


def test_a_page_elsewhere_learns_no_tenant_by_a_name_of_its_own(site: Asked) -> None:
    told = site.ask("/readyz", headers={"Host": "evil.example"})

    assert told.status == 200
    assert "north.edu" not in told.text


# --- what changes while it is served ------------------------------------------------------


def test_nobody_at_all_is_a_page_too() -> None:
    with served_many(Roster()) as site:
        for path in ("/", "/metrics", "/healthz", "/readyz", "/api/v1/status"):
            assert site.ask(path).status == 200


def test_a_snapshot_that_is_replaced_is_shown_at_once() -> None:
    tenant: Kept = kept("north.edu", STARTING)
    with served_many(roster(tenant)) as site:
        assert "The first pass is under way" in site.ask("/").text

        tenant.board.post(replace(HERE, last_attempt=HERE.last_attempt))

        assert "In agreement with the file" in site.ask("/").text
        assert site.ask("/api/v1/status").json["tenants"][0]["last_pass"] is not None


def test_a_state_that_cannot_be_read_costs_no_overview(tmp_path: Path) -> None:
    # Every tenant's state is at a place that is not there: the overview asks none of them.
    assert not (tmp_path / "nowhere").exists()
    with served_many(roster(*(kept(f"{each}.edu", HERE) for each in range(9)))) as site:
        assert site.ask("/").status == 200
