"""The pages: what they say, and that no name can say anything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.model import Mode
from reconciler.core.outcome import Outcome, Result
from reconciler.core.plan import Hold, Plan
from reconciler.daemon.board import Failure, Snapshot
from reconciler.daemon.frame import policy
from reconciler.daemon.page import REFRESH, status_page
from reconciler.daemon.page_collections import collection_page, collections_page, find
from reconciler.daemon.page_passes import Passes, gist, pass_page, passes_page
from reconciler.daemon.page_words import distance, handle
from reconciler.daemon.standing import standing
from reconciler.questions.history import Account
from reconciler.report.page import digest
from reconciler.state.records import ChangeRecord, PassRecord, Verdict
from tests.builders import VIEW, change, grants, plan_of, planned, user
from tests.daemon.snapshots import (
    HOLD,
    IN_FORCE,
    NOW,
    STARTING,
    after,
    agreeing,
    eventful,
)

HOSTILE = '</title><script>alert(1)</script><img src=x onerror="a">\x1b[31m\u202e'


class Outline(HTMLParser):
    """The tags of a page, the text outside of its style, and its style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.style = ""
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.style += data
            self._in_style = False
        else:
            self.text.append(data)

    def names(self) -> list[str]:
        return [tag for tag, _ in self.tags]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def shown(now: Snapshot, passes: Passes | None = None) -> Outline:
    return Outline(status_page(now, passes or Passes(), NOW))


def record(verdict: Verdict = Verdict.DONE, **summary: object) -> PassRecord:
    return PassRecord(
        id="01JDPASS",
        kind="run",
        verdict=verdict,
        holder="host:7",
        started_at=NOW - timedelta(minutes=3),
        summary=summary,
    )


# --- what nobody can make it do --------------------------------------------------------


@given(st.text(min_size=1))
def test_no_name_adds_a_tag_to_any_page(name: str) -> None:
    plain, odd = eventful("Biology 101"), eventful(name)

    assert shown(odd).names() == shown(plain).names()
    for index, entry in enumerate(odd.last.left.collections if odd.last else ()):
        assert plain.last is not None
        twin = plain.last.left.collections[index]
        page = Outline(collection_page(odd, entry, NOW))
        assert page.names() == Outline(collection_page(plain, twin, NOW)).names()


def test_characters_that_act_are_shown_and_not_done() -> None:
    page = status_page(eventful(HOSTILE), Passes(), NOW)

    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "<script" not in page
    assert r"\u202e" in page


def test_no_page_has_a_script_a_handler_or_anything_from_elsewhere() -> None:
    for tag, attributes in shown(eventful()).tags:
        assert tag not in {"script", "img", "link", "iframe", "object"}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert not str(attributes.get("href") or "").startswith(("http", "//", "/"))


def test_the_policy_allows_the_page_s_own_style_and_nothing_from_anywhere() -> None:
    assert digest(shown(STARTING).style) in policy()
    assert policy().startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy()
    assert "script-src" not in policy()


# --- how things stand -------------------------------------------------------------------

PENDING = plan_of(planned(change(user(7), None, VIEW)))
FAILURE = Failure("school.example cannot be used: 503", "see status.example", NOW)
STANDINGS = [
    pytest.param(STARTING, "waiting", "The first pass is under way", id="no-pass-yet"),
    pytest.param(after(agreeing()), "good", "In agreement with the file", id="agreement"),
    pytest.param(after(PENDING), "wary", "Changes are pending", id="pending"),
    pytest.param(eventful(), "bad", "The files on disk are not valid", id="broken-file"),
    pytest.param(
        after(PENDING, "partial"), "bad", "Not everything could be done", id="partly-done"
    ),
    pytest.param(
        replace(after(agreeing()), failure=FAILURE), "bad", "The last pass failed", id="failed"
    ),
    pytest.param(
        replace(after(agreeing()), standing_by="other:9"), "waiting", "Standing by", id="standby"
    ),
    pytest.param(
        after(plan_of(planned(unresolved=("x@school.edu",)))),
        "wary",
        "Nothing to do, but not in agreement",
        id="unresolved",
    ),
]


@pytest.mark.parametrize(("now", "tone", "title"), STANDINGS)
def test_the_gravest_is_said_first(now: Snapshot, tone: str, title: str) -> None:
    told = standing(now)

    assert (told.tone, told.title) == (tone, title)
    assert title in shown(now).words


def test_a_failure_is_told_with_its_remedy() -> None:
    words = shown(replace(after(agreeing()), failure=FAILURE)).words

    assert "School.example cannot be used: 503." in words
    assert "See status.example." in words


WHY_PENDING = [
    pytest.param({"observe": True}, True, "only observes", id="observe"),
    pytest.param({"paused_until": NOW + timedelta(hours=2)}, True, "paused until", id="pause"),
    pytest.param({}, False, "Writing has stopped", id="breaker"),
]


@pytest.mark.parametrize(("changed", "may_write", "expected"), WHY_PENDING)
def test_why_pending_changes_are_not_written_is_said(
    changed: dict[str, object], may_write: bool, expected: str
) -> None:
    now = after(PENDING, may_write=may_write)
    now = replace(now, in_force=replace(IN_FORCE, **changed))  # type: ignore[arg-type]

    assert expected in shown(now).words


def test_a_hold_comes_with_the_line_to_paste() -> None:
    words = shown(eventful()).words

    assert f'acknowledge: - {{hold: {HOLD}, until: 2026-11-30, reason: "…"}}' in words
    assert f"--acknowledge {HOLD}" in words


def test_everything_that_waits_for_a_person_is_on_the_first_page() -> None:
    words = shown(eventful()).words

    for told in (
        "config.yaml:3:5: Biology 101",
        "Biology 101 cannot be read: Biology 101 answered 403",
        "Biology 101: Biology 101 failed (refused Biology 101)",
        "Biology 101, to be created not tried",
        "config.yaml:61 Biology 101 is nobody",
        "Expiring within 30 days: 1 share",
        "2026-12-02 in 9 days",
    ):
        assert told in words


def test_a_quiet_page_has_no_empty_sections() -> None:
    headings = shown(after(agreeing())).words

    for absent in ("Held", "Warnings", "Expiring", "Not done", "Not as the file says"):
        assert absent not in headings


def test_the_first_page_asks_for_itself_again() -> None:
    metas = [attributes for tag, attributes in shown(STARTING).tags if tag == "meta"]

    assert {"http-equiv": "refresh", "content": str(REFRESH)} in metas


# --- passes and collections ---------------------------------------------------------------


def test_the_last_passes_are_listed_with_their_verdicts() -> None:
    page = shown(STARTING, Passes((record(Verdict.INTERRUPTED, create=2, held=1),)))

    assert "01JDPASS 3 minutes ago interrupted 2 to create, 1 held run" in " ".join(page.text)
    assert ("a", {"href": "passes/01JDPASS"}) in page.tags


def test_a_record_that_cannot_be_read_is_said_and_costs_no_page() -> None:
    assert (
        "The record cannot be read: disk I/O" in shown(STARTING, Passes(trouble="disk I/O")).words
    )


def test_all_passes_have_a_page_of_their_own() -> None:
    page = Outline(passes_page("studio", Passes((record(), record())), NOW, UTC))

    assert page.names().count("code") == 2


GISTS = [
    pytest.param({}, "", id="it-did-not-get-that-far"),
    pytest.param({"create": 0, "held": 0}, "nothing to do", id="nothing"),
    pytest.param({"create_collection": 1, "create": 2}, "1 new collection, 2 to create", id="new"),
]


@pytest.mark.parametrize(("summary", "expected"), GISTS)
def test_a_pass_in_a_few_words(summary: dict[str, object], expected: str) -> None:
    assert gist(summary) == expected


def test_every_collection_has_a_page_that_its_link_leads_to() -> None:
    left = Plan(
        collections=(
            planned(name="Field Work", id=None, line=10),
            planned(name="Field Work", id=None, line=20),
            planned(name="Biology 101"),
        )
    )

    assert [find(left, handle(each)) for each in left.collections] == list(left.collections)
    assert find(left, "4711-not") is None


def test_collections_are_found_by_a_part_of_their_name() -> None:
    now = after(plan_of(planned(name="Biology 101"), planned(name="Chemistry", id=4712)))

    assert "Chemistry" not in Outline(collections_page(now, "bIO", 1)).words
    assert "No such collection" in Outline(collections_page(now, "physics", 1)).words


def test_many_collections_are_shown_a_page_at_a_time() -> None:
    entries = [planned(name=f"Lab {each}", id=each, line=each) for each in range(1, 251)]
    now = after(plan_of(*entries))

    assert "Page 2 of 3 Back More" in Outline(collections_page(now, "lab", 2)).words
    assert shown(now).words.count("Lab ") == 0


def test_many_that_differ_are_named_and_not_all_shown_in_full() -> None:
    grants = [
        planned(change(user(7), None, VIEW), name=f"Lab {each}", id=each, line=each)
        for each in range(1, 101)
    ]

    assert shown(after(plan_of(*grants))).names().count("article") == 12


def test_a_page_stays_small_whatever_a_pass_would_do() -> None:
    entry = planned(*grants(5_000))
    now = after(plan_of(entry))

    assert shown(now).names().count("tr") < 50
    assert "4980 rows more" in shown(now).words
    assert "4000 rows more" in Outline(collection_page(now, entry, NOW)).words


def test_a_pass_that_did_very_much_is_told_in_part() -> None:
    changes = tuple(
        ChangeRecord(
            pass_id="01JDPASS",
            round=1,
            collection_id=4711,
            collection_name="Biology 101",
            change=each,
            outcome=Outcome(Result.FAILED, "422"),
            at=NOW,
        )
        for each in grants(1_200)
    )
    page = Outline(pass_page("studio", Account(replace(record(), changes=changes)), UTC))

    assert "200 more: reconciler show 01JDPASS" in page.words
    assert page.words.count("failed 422") == 1_000


def test_a_pass_that_sent_nothing_says_so() -> None:
    held: dict[str, object] = {"detail": "the plan removes 4 of 9 shares"}
    page = Outline(pass_page("studio", Account(record(), holds=(held,)), UTC))

    assert "the plan removes 4 of 9 shares" in page.words
    assert "It sent nothing to Studio." in page.words


def test_many_holds_are_told_in_part() -> None:
    holds = tuple(
        Hold(id=f"{each:08x}", guard="unresolved", collection=None, detail="x", changes=1)
        for each in range(70)
    )

    assert "and 20 more" in shown(after(Plan(holds=holds))).words


def test_a_command_to_paste_runs_nothing_that_a_name_says() -> None:
    entry = planned(name="x'; rm -rf ~ #")
    page = Outline(collection_page(after(plan_of(entry)), entry, NOW))

    assert """reconciler access --collection 'x'"'"'; rm -rf ~ #'""" in page.words


# --- words --------------------------------------------------------------------------------

DISTANCES = [
    pytest.param(timedelta(seconds=-3), "just now", id="now"),
    pytest.param(timedelta(seconds=3), "in a moment", id="soon"),
    pytest.param(timedelta(seconds=-50), "1 minute ago", id="nearly-a-minute"),
    pytest.param(timedelta(minutes=12), "in 12 minutes", id="minutes"),
    pytest.param(timedelta(minutes=-59, seconds=-50), "1 hour ago", id="nearly-an-hour"),
    pytest.param(timedelta(hours=-30), "1 day ago", id="days"),
]


@pytest.mark.parametrize(("away", "expected"), DISTANCES)
def test_how_far_off_in_words(away: timedelta, expected: str) -> None:
    assert distance(away) == expected


@given(st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=4000)))
def test_every_distance_is_told_in_whole_units(away: timedelta) -> None:
    told = distance(away)

    assert told in {"just now", "in a moment"} or any(word.isdecimal() for word in told.split())
    assert " 0 " not in f" {told} "


def test_times_are_shown_by_the_clocks_of_the_file_s_zone() -> None:
    assert (
        "since 2026-11-23 01:00"
        in shown(replace(STARTING, since=datetime(2026, 11, 23, 7, tzinfo=UTC))).words
    )


def test_the_mode_says_when_the_command_line_overrides_it() -> None:
    now = replace(STARTING, in_force=replace(IN_FORCE, mode=Mode.ADDITIVE, observe=True))

    assert "additive, told not to write" in shown(now).words
