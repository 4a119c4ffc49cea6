"""`status`: what the daemon last did, told from the state and nothing else."""

from __future__ import annotations

import re

import pytest

from reconciler.cli.shelf import files_in_force
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import SEAT
from tests.cli.little_school import TERM_BEGINS, School, school

__all__ = ["school"]
HELD = TERM_BEGINS + "guards: {removals: {per_pass: {count: 0}}}\n"


def test_without_a_daemon_it_says_so_and_exits_0(school: School) -> None:
    ran = school("status")
    assert ran.status == 0
    assert "no daemon runs" in ran.out
    assert school("status", "--format", "json").json == {
        "seat": None,
        "last_pass": None,
        "holds": [],
        "next": None,
    }
    assert not list(school.folder.glob("*.db"))


def test_passes_of_people_are_not_the_daemon_s(school: School) -> None:
    school.apply()
    assert school("status", "--format", "json").json["last_pass"] is None


def test_it_tells_the_last_pass_and_what_waits_for_a_person(school: School) -> None:
    school.write(HELD)
    assert school("run", "--once").status == 3
    school.write(TERM_BEGINS)
    told = school("status", "--format", "json").json
    assert told["last_pass"]["verdict"] == "held"
    assert told["last_pass"]["summary"]["held"] == 1
    [hold] = told["holds"]
    assert hold["guard"] == "removals.per_pass"
    assert hold["hold"] in school("status").out


def test_while_the_file_is_broken_it_goes_by_the_last_good_one(school: School) -> None:
    school.write(TERM_BEGINS)
    path = school.folder / "config.yaml"
    with files_in_force(path, sandbox=True):
        """The daemon was here."""
    school.write("mode: [")

    assert school("status").status == 0
    assert school("plan").status == 78


def test_a_file_that_was_never_good_is_told(school: School) -> None:
    school.write("mode: [")
    assert school("status").status == 78


SCHEDULES = [
    pytest.param("schedule: {every: 10m}\n", id="every"),
    pytest.param('schedule: {cron: "*/5 * * * *"}\n', id="cron"),
]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_it_tells_who_has_the_seat_and_when_the_next_pass_is_due(
    school: School, schedule: str
) -> None:
    school.write(TERM_BEGINS + schedule)
    with school.state() as store, LeaseKeeper(store, SEAT):
        told = school("status", "--format", "json").json
        assert re.fullmatch(r".+:\d+", told["seat"]["holder"])
        assert told["next"] > told["seat"]["since"]
        assert "next" in school("status").out
    assert school("status", "--format", "json").json["seat"] is None


def test_a_state_that_is_none_is_told(school: School) -> None:
    (school.folder / "reconciler.sandbox.db").write_text("no database")
    assert school("status").status == 1


def test_a_broken_file_is_told_with_its_place(school: School) -> None:
    school.write("version: 1\nmode: sideways\n")
    ran = school("status")
    assert ran.status == 78
    assert "config.yaml:2:7" in ran.err
