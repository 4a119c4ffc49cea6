"""The overview: the bad ones first, and no name can say anything else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.daemon.board import Snapshot
from reconciler.daemon.page import status_page
from reconciler.daemon.page_passes import Passes
from reconciler.daemon.page_tenants import MOST_ROWS, overview
from reconciler.daemon.tenants import Broken, Roster
from reconciler.state.latest import Latest
from reconciler.state.records import Verdict
from tests.daemon.snapshots import NOW, STARTING, after, agreeing, eventful
from tests.daemon.tenants_of_all_kinds import (
    BROKEN,
    ELSEWHERE,
    FAILED,
    NOBODY,
    PENDING,
    consortium,
    kept,
    on_record,
    roster,
)


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links.extend(value or "" for name, value in attrs if name == "href")


def listed(html: str) -> list[str]:
    """The tenants of the table, from the top."""
    return re.findall(r'<a href="t/([^"]*)/">', html)


@given(st.text(min_size=1))
def test_no_name_adds_a_tag_or_leads_anywhere_else(name: str) -> None:
    plain, odd = (
        Tags(overview(Roster({"x": kept(each, eventful()).tenant}, (broken,)), each, NOW))
        for each, broken in (("x", Broken("x", ("x",))), (name, Broken(name, (name,))))
    )

    assert odd.tags == plain.tags
    assert [each for each in odd.links if each.startswith("t/")] == [f"t/{quote(name, safe='')}/"]


def test_it_has_no_script_and_asks_for_itself_again() -> None:
    tags = Tags(overview(roster(*consortium(20), broken=(BROKEN,)), "", NOW))

    assert "script" not in tags.tags
    assert 'http-equiv="refresh"' in overview(Roster(), "", NOW)


def test_the_bad_ones_come_first() -> None:
    page = overview(
        roster(
            kept("agrees.edu", after(agreeing())),
            kept("away.edu", ELSEWHERE),
            kept("pending.edu", after(PENDING)),
            kept("stuck.edu", after(agreeing())),
            kept("failed.edu", FAILED),
            kept("new.edu", NOBODY),
        ),
        "",
        NOW,
    )

    order = ["failed", "pending", "new", "agrees", "stuck", "away"]
    assert listed(page) == [f"{each}.edu" for each in order]


def test_one_that_is_stuck_is_bad_whatever_its_last_pass_was() -> None:
    tenants = [kept("a.edu", after(agreeing())), kept("b.edu", after(agreeing()))]
    tenants[1].halts()

    assert listed(overview(roster(*tenants), "", NOW)) == ["b.edu", "a.edu"]


WHOLES = [
    pytest.param([], "Nothing has been done here yet", id="nobody"),
    pytest.param([STARTING, ELSEWHERE, NOBODY], "Nothing has been done here yet", id="waiting"),
    pytest.param([after(agreeing()), ELSEWHERE], "All that sit here are in agreement", id="good"),
    pytest.param([after(agreeing()), after(PENDING)], "1 tenant to look at", id="wary"),
    pytest.param([FAILED, after(PENDING), eventful()], "2 tenants in trouble", id="bad"),
]


@pytest.mark.parametrize(("tenants", "expected"), WHOLES)
def test_the_gravest_is_said_on_top(tenants: list[Snapshot], expected: str) -> None:
    shown = roster(*(kept(f"{number}.edu", now) for number, now in enumerate(tenants)))

    assert f"<strong>{expected}" in overview(shown, "", NOW)


def test_where_each_one_sits_is_told() -> None:
    page = overview(
        roster(kept("a.edu", STARTING), kept("b.edu", ELSEWHERE), kept("c.edu", NOBODY)), "", NOW
    )

    for seat in ("this daemon", "fleet-2.example.edu:4711", "nobody"):
        assert f">{seat}</bdi>" in page
    assert "1 sit here, 1 on other daemons, 1 nowhere." in page


def test_a_file_that_never_was_any_good_is_in_trouble() -> None:
    page = overview(roster(broken=(BROKEN,)), "", NOW)

    assert "1 tenant in trouble" in page
    assert all(each.replace("'", "&#x27;") in page for each in BROKEN.problems)


def test_many_problems_of_a_file_are_told_in_part() -> None:
    many = Broken("a.yaml", tuple(f"a.yaml:{line}:1: odd" for line in range(300)))

    assert "and 295 more" in overview(roster(broken=(many,)), "", NOW)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("AWAY", ["away.edu"], id="name"),
        pytest.param("fleet-2", ["away.edu"], id="seat"),
        pytest.param("failed", ["sad.edu"], id="standing"),
        pytest.param("nothing like it", [], id="none"),
    ],
)
def test_a_filter_looks_at_name_standing_and_seat(query: str, found: list[str]) -> None:
    shown = roster(kept("away.edu", ELSEWHERE), kept("sad.edu", FAILED))

    assert listed(overview(shown, query, NOW)) == found


def test_three_hundred_are_all_there_and_very_many_are_told_in_part() -> None:
    assert len(listed(overview(roster(*consortium(300)), "", NOW))) == 300
    page = overview(roster(*consortium(MOST_ROWS + 7)), "", NOW)
    assert len(listed(page)) == MOST_ROWS
    assert "and 7 more" in page


# --- tenants that sit elsewhere, by the record ---------------------------------------------


def cells(page: str, tenant: str) -> list[str]:
    """The words of a tenant's row."""
    (row,) = (each for each in page.split("<tr>") if f"t/{tenant}/" in each)
    return [re.sub(r"<[^>]*>", "", each) for each in re.findall(r"<td[^>]*>(.*?)</td>", row)]


ROWS = [
    pytest.param(
        ELSEWHERE,
        None,
        ["…On another daemon", "fleet-2.example.edu:4711", "", "", "", ""],
        id="nothing-is-known",
    ),
    pytest.param(
        ELSEWHERE,
        on_record(Verdict.DONE, 3, create=3),
        ["…On another daemon", "fleet-2.example.edu:4711", "7 minutes ago", "0", "0", ""],
        id="done",
    ),
    pytest.param(
        ELSEWHERE,
        on_record(Verdict.HELD, create=1234, held=1),
        [
            "!On another daemon: something is held",
            "fleet-2.example.edu:4711",
            "7 minutes ago",
            "1,234",
            "1",
            "",
        ],
        id="held",
    ),
    pytest.param(
        ELSEWHERE,
        on_record(Verdict.FAILED),
        [
            "✗On another daemon: the last pass failed",
            "fleet-2.example.edu:4711",
            "7 minutes ago failed",
            "",
            "",
            "",
        ],
        id="failed",
    ),
    pytest.param(
        NOBODY,
        on_record(Verdict.PARTIAL, 1, create=3),
        [
            "✗Waiting for a daemon: not everything could be done",
            "nobody",
            "7 minutes ago partial",
            "2",
            "0",
            "",
        ],
        id="nowhere",
    ),
]


@pytest.mark.parametrize(("now", "latest", "expected"), ROWS)
def test_of_what_sits_elsewhere_the_record_is_shown(
    now: Snapshot, latest: Latest | None, expected: list[str]
) -> None:
    page = overview(roster(kept("away.edu", replace(now, on_record=latest))), "", NOW)

    assert cells(page, "away.edu") == expected


def test_of_what_sits_here_the_record_is_not_shown() -> None:
    here = after(agreeing())
    recalled = replace(here, on_record=on_record(Verdict.FAILED, create=9, held=9))

    pages = [overview(roster(kept("a.edu", each)), "", NOW) for each in (here, recalled)]

    assert pages[0] == pages[1]


def test_trouble_elsewhere_comes_first_and_counts_like_trouble_here() -> None:
    page = overview(
        roster(
            kept("agrees.edu", after(agreeing())),
            kept("away.edu", replace(ELSEWHERE, on_record=on_record())),
            kept("failed.edu", replace(ELSEWHERE, on_record=on_record(Verdict.FAILED))),
            kept("held.edu", replace(ELSEWHERE, on_record=on_record(Verdict.HELD, held=4))),
            kept("new.edu", NOBODY),
        ),
        "",
        NOW,
    )

    order = ["failed", "held", "new", "agrees", "away"]
    assert listed(page) == [f"{each}.edu" for each in order]
    assert "<strong>1 tenant in trouble" in page
    tiles = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page))
    assert tiles == {
        "tenants": "5",
        "in trouble": "1",
        "to look at": "1",
        "changes held": "4",
        "without a daemon": "1",
        "in agreement": "1",
    }


def tags_of(now: Snapshot) -> list[str]:
    """Those of the overview and of the tenant's own page."""
    pages = overview(roster(kept("x", now)), "", NOW), status_page(now, Passes(), NOW)
    return [tag for each in pages for tag in Tags(each).tags]


@given(st.text(min_size=1))
def test_nothing_on_record_adds_a_tag(odd: str) -> None:
    latest = on_record(Verdict.FAILED, create=1)
    records = (
        replace(latest.record, id=each, holder=each, commit=each, summary={each: 0, "create": 1})
        for each in ("x", odd)
    )
    plain, told = (replace(NOBODY, on_record=replace(latest, record=record)) for record in records)

    assert tags_of(told) == tags_of(plain)


def test_what_another_daemon_holds_is_not_told_from_memory() -> None:
    moved = kept("moved.edu", eventful())
    moved.board.post(ELSEWHERE)

    assert "3 minutes ago" not in overview(roster(moved), "", NOW)
