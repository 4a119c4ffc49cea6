from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.model import Notice, Status
from reconciler.core.plan import Plan
from reconciler.report.github import MOST_OF_A_KIND, render_plan
from tests.report.plans import HEADER, at, caused, collection, create, destroy, named, rich

NAMES = st.text(st.characters(), max_size=30) | st.text(":,%\r\n=", max_size=12)
COMMAND = re.compile(
    r"::(error|warning|notice) (?:file=([^:,]*),line=(\d+),)?title=([^:,]*)::([^\r\n]*)"
)


@given(NAMES)
def test_every_line_is_one_whole_command(name: str) -> None:
    lines = render_plan(named(name), HEADER).split("\n")

    assert lines.pop() == ""
    assert len(lines) == len(render_plan(named("tame"), HEADER).split("\n")) - 1
    assert all(COMMAND.fullmatch(line) for line in lines)


def test_holds_are_errors_removals_warnings_and_all_else_notices() -> None:
    told = render_plan(rich(), HEADER).splitlines()

    assert told[0].startswith("::error file=config.yaml,line=40,title=Held 7c1f0a9e%3A removals.")
    assert (
        "::warning file=config.yaml,line=40,title=Biology 101::"
        "- lin@school.edu user:103, view, held 7c1f0a9e"
    ) in told
    assert (
        "::notice file=config.yaml,line=52,title=Biology 101::+ grace@school.edu user:102, edit"
    ) in told
    assert (
        "::warning file=config.yaml,line=90,title=French::unreadable: the service answered 403"
    ) in told
    assert told[-1].startswith("::notice title=Studio permissions::Plan: 1 collection to create")


def test_a_drifted_change_says_so_and_the_counts_are_in_the_summary() -> None:
    told = render_plan(caused(), HEADER).splitlines()

    drifted = [line for line in told if ", drifted" in line and "by this change" not in line]
    assert len(drifted) == 2
    assert "::~ Biology Faculty group:7, view → edit, drifted, (ticket 4821)" in drifted[1]
    assert "%0A5 by this change, 2 drifted.%0A" in told[-1]
    assert "drifted" not in render_plan(rich(), HEADER)


@pytest.mark.parametrize("prefix", ["deploy", "deploy/"])
def test_paths_are_told_from_the_root_of_the_repository(prefix: str) -> None:
    plan = Plan(collections=(collection(create("a", 1, line=52)),))

    assert "file=deploy/config.yaml,line=52," in render_plan(plan, HEADER, prefix=prefix)


def test_a_collection_that_a_warning_is_about_is_not_told_twice() -> None:
    missing = replace(collection(line=9), status=Status.MISSING, reason="not there")
    plan = Plan(collections=(missing,), notices=(Notice(at(9), "collection-missing", "none"),))

    assert render_plan(plan, HEADER).count("line=9") == 1


def test_more_than_github_shows_share_an_annotation_a_line() -> None:
    removals = [destroy(f"u{number}", number, line=40) for number in range(12)]
    told = render_plan(Plan(collections=(collection(*removals),)), HEADER).splitlines()

    assert len(told) == 2
    assert told[0].startswith(
        "::warning file=config.yaml,line=40,title=12 together::Biology 101: -"
    )
    assert told[0].endswith("%0A… and 2 more")
    assert told[1].endswith("%0AAnnotations folded into others: 11.")


def test_what_is_left_out_is_counted() -> None:
    grants = [create(f"u{number}", number, line=number) for number in range(1, 31)]
    *_, last = render_plan(Plan(collections=(collection(*grants),)), HEADER).splitlines()

    assert last.endswith("%0AAnnotations left out, as GitHub shows ten of a kind: 21.")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 30)), max_size=60))
def test_no_kind_is_told_more_often_than_github_shows(shares: list[tuple[bool, int]]) -> None:
    changes = [
        create("a", number, line=line) if new else destroy("a", number, line=line)
        for number, (new, line) in enumerate(shares)
    ]
    told = render_plan(Plan(collections=(collection(*changes),)), HEADER).splitlines()

    kinds = Counter(line.split(" ", 1)[0] for line in told)
    assert max(kinds.values()) <= MOST_OF_A_KIND
