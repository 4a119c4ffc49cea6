"""One tenant that sits elsewhere: what its page and its status tell by the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.daemon.board import Snapshot
from reconciler.daemon.page import status_page
from reconciler.daemon.page_passes import Passes
from reconciler.daemon.recorded import document_on_record
from reconciler.daemon.status import status_document
from reconciler.state.latest import Latest
from reconciler.state.records import Verdict
from tests.daemon.snapshots import BEGAN, NOW, STARTING, after, agreeing, eventful
from tests.daemon.tenants_of_all_kinds import ELSEWHERE, NOBODY, on_record
from tests.daemon.test_page import Outline

FAILED = on_record(Verdict.FAILED)
AWAY = [pytest.param(ELSEWHERE, id="elsewhere"), pytest.param(NOBODY, id="nowhere")]


def words(now: Snapshot) -> str:
    return Outline(status_page(now, Passes(), NOW)).words


@pytest.mark.parametrize("now", AWAY)
def test_the_page_tells_the_last_pass_and_that_it_is_from_the_record(now: Snapshot) -> None:
    told = words(replace(now, on_record=on_record(Verdict.HELD, 1, create=3, held=2)))

    assert "Its last pass on record, 7 minutes ago: held, 2 changes pending (2 held)." in told
    assert "Last pass7 minutes ago · 01JDELSEWHERE" in told
    assert "never" not in told


@pytest.mark.parametrize("now", AWAY)
def test_where_nothing_is_on_record_the_page_says_nothing_of_one(now: Snapshot) -> None:
    assert "Its last pass on record" not in words(now)
    assert status_document(now)["on_record"] is None


@pytest.mark.parametrize("now", AWAY)
def test_the_status_has_what_is_on_record_and_all_else_as_it_was(now: Snapshot) -> None:
    told = status_document(replace(now, on_record=FAILED))

    assert told.pop("on_record") == document_on_record(FAILED)
    assert told.items() <= status_document(now).items()


@pytest.mark.parametrize("now", [STARTING, after(agreeing()), eventful()])
def test_of_what_sits_here_the_record_says_nothing(now: Snapshot) -> None:
    recalled = replace(now, on_record=FAILED)

    assert status_page(recalled, Passes(), NOW) == status_page(now, Passes(), NOW)
    assert status_document(recalled) == status_document(now)


MOVED = replace(eventful(), standing_by="fleet-2.example.edu:4711")
ENDS = [
    pytest.param(None, True, id="nothing-is-known"),
    pytest.param(on_record(began=BEGAN), True, id="it-is-that-very-pass"),
    pytest.param(on_record(began=BEGAN - timedelta(hours=1)), True, id="the-state-was-away"),
    pytest.param(on_record(began=BEGAN + timedelta(seconds=1)), False, id="another-was-since"),
]


@pytest.mark.parametrize(("latest", "shown"), ENDS)
def test_what_was_found_here_is_shown_until_somebody_else_has_passed(
    latest: Latest | None, shown: bool
) -> None:
    told = words(replace(MOVED, on_record=latest))

    assert ("removals.per_pass" in told) is shown
    assert ("to destroy" in told) is shown
