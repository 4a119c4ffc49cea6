"""What machines are told: health, readiness, status."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.core.document import dump
from reconciler.daemon.board import Failure
from reconciler.daemon.dues import MOST_MISSED, Dues
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.status import health, readiness, status_document
from tests.daemon.snapshots import HOLD, NOW, STARTING, after, agreeing, eventful


@pytest.mark.parametrize(("age", "alive"), [(0.0, True), (300.0, True), (300.1, False)])
def test_the_loop_is_alive_while_it_gets_on(age: float, alive: bool) -> None:
    clock = iter([100.0, 100.0 + age])
    heartbeat = Heartbeat(lambda: next(clock))

    assert health(heartbeat, 300)[0] is alive


def test_a_heartbeat_tells_its_age() -> None:
    clock = iter([100.0, 112.34])

    assert health(Heartbeat(lambda: next(clock)))[1]["heartbeat_age_seconds"] == 12.3


def missed(times: int) -> Dues:
    dues = Dues()
    for _ in range(times):
        dues.came()
    return dues


@pytest.mark.parametrize("times", range(MOST_MISSED + 1))
def test_up_to_three_due_times_may_be_missed(times: int) -> None:
    assert readiness(missed(times), STARTING)[0]


def test_a_fourth_due_time_without_success_is_one_too_many() -> None:
    ready, document = readiness(missed(MOST_MISSED + 1), STARTING)

    assert not ready
    assert document["due_times_missed"] == 4


def test_one_success_makes_up_for_all_that_were_missed() -> None:
    dues = missed(9)
    dues.succeeded()

    assert readiness(dues, STARTING)[0]


def test_one_that_stands_by_has_no_pass_to_make() -> None:
    assert readiness(missed(9), replace(STARTING, standing_by="other:9"))[0]


def test_the_status_before_the_first_pass_says_that_there_was_none() -> None:
    told = status_document(STARTING)

    assert told["last_pass"] is None
    assert told["next"] is None
    assert told["holds"] == []


def test_the_status_names_the_seat_as_the_command_does() -> None:
    assert status_document(STARTING)["seat"] == {
        "holder": "host:7",
        "since": "2026-11-23T07:00:00Z",
        "standing_by": False,
    }


def test_the_status_has_everything_that_waits_for_a_person() -> None:
    told = json.loads(dump(status_document(eventful())))

    assert [each["hold"] for each in told["holds"]] == [HOLD]
    assert told["holds"][0]["acknowledge"].startswith(f"- {{hold: {HOLD}, until: 2026-11-30")
    assert [each["id"] for each in told["unreadable"]] == [4712]
    assert [each["who"] for each in told["unresolved"]] == [["Biology 101"]]
    assert [each["outcome"] for each in told["troubles"]] == ["failed", "not_tried"]
    assert [each["closes"] for each in told["expiring"]] == ["2026-12-02T12:00:00Z"]
    assert told["config"]["valid"] is False
    assert told["pending"]["held"] == 1


def test_a_failure_is_there_until_a_pass_runs_to_its_end() -> None:
    failing = replace(after(agreeing()), failure=Failure("it broke", None, NOW))

    assert status_document(failing)["last_error"] == {
        "message": "it broke",
        "remedy": None,
        "at": "2026-11-23T12:00:00Z",
    }
    assert status_document(after(agreeing()))["last_error"] is None
