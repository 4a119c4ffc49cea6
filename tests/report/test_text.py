from __future__ import annotations

import re
from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.outcome import APPLIED, Outcome, Outcomes, Result
from reconciler.core.plan import Doing, Plan
from reconciler.report.safe import printable
from reconciler.report.text import render_plan, render_result
from tests.report.plans import (
    HEADER,
    VIEW,
    caused,
    collection,
    create,
    destroy,
    expiry,
    group,
    named,
    reached,
    rich,
    user,
)

NAMES = st.text(st.characters(), max_size=30)
ANSI = re.compile(r"\x1b\[[0-9]+m")

RICH = """\
https://school.instructuremedia.com · config.yaml at abc1234def56 · 01JDPASS

Held back by guards

  ‖ 7c1f0a9e  removals.per_collection, over “Biology 101”
    the plan removes 3 of 15 shares; at most 2 may go in one pass
    Holds 2 to destroy in “Biology 101”.
    Let it through this once:  --acknowledge 7c1f0a9e
    or under `acknowledge:`:   - {hold: 7c1f0a9e, until: 2026-11-30, reason: "…"}

  ‖ 0b5e77d1  completeness, over “French”
    its shares could not be read in full
    Holds 1 change.
    This cannot be acknowledged: it goes away with its cause.

Let through  55aa55aa  escalations.per_pass, over the whole pass: the plan raises 1 of 15 shares; \
at most 0 may be raised

“Biology 101”  id 4711 · owner user:101 · authoritative · config.yaml:40 · 12 unchanged
    + grace@school.edu  user:102  edit         config.yaml:52
    ~ Biology Faculty   group:7   view → edit  config.yaml:53  (ticket 4821)
    ~ 山田太郎          user:12   edit → view  config.yaml:54
    - user:907                    view         config.yaml:55  its window has closed
  ‖ - lin@school.edu    user:103  view         config.yaml:40  held 7c1f0a9e
  ‖ - max@school.edu    user:104  view         config.yaml:40  held 7c1f0a9e
    · ada@school.edu    user:101  owner                        the owner is never part of a change
    · eve@school.edu    user:5    manage                       a permission we do not write; \
the file asks for view

“Chemistry”  id 4712 · owner user:101 · observe · config.yaml:60
    · kim@school.edu  user:6  view    would update view → edit; observe mode changes nothing
    · joe@school.edu  user:8  none    would create view; observe mode changes nothing

+ “Economics”  will be created · owner: the token's own user · additive · config.yaml:80
    + grace@school.edu  user:102  view  config.yaml:81

“French”  id 4799 · authoritative · config.yaml:90
  ! unreadable: the service answered 403

Warning  config.yaml:61: nobody in Studio is called jim@school.edu
Warning  the service's clock is 40 s ahead

Plan: 1 collection to create, 2 to create, 2 to update, 3 to destroy (2 held); 812 unchanged, \
3 left alone, 1 collection unreadable.
Touches 5 people and 1 group in 2 collections.
"""


OUTLOOK = """\

Expiring within 30 days
    2026-12-01T06:00Z  guest@partner.edu  user:907  edit         config.yaml:58  “Biology 101”
    2026-12-01T06:00Z  user:12                      edit → view  config.yaml:58  “Biology 101”

Plan: 1 collection to create, 2 to create, 2 to update, 3 to destroy (2 held); 812 unchanged, \
3 left alone, 1 collection unreadable.
5 by this change, 2 drifted.
Touches 5 people and 1 group in 2 collections.
2 people gain access, 1 loses it, 1 is lowered to view (what is held not counted; \
members of 1 group could not be read: “Biology Faculty”).
"""


def test_a_plan_with_one_of_everything_reads_so() -> None:
    assert render_plan(rich(), HEADER, colour=False) == RICH


def test_colour_changes_nothing_but_the_colour() -> None:
    coloured = render_plan(rich(), HEADER, colour=True)

    assert "\x1b[32m+\x1b[0m" in coloured
    assert ANSI.sub("", coloured) == RICH


def test_collections_in_agreement_are_told_only_when_asked_for() -> None:
    dance = "“Dance”  id 4713 · owner user:101 · authoritative · config.yaml:70 · 800 unchanged"

    assert dance not in render_plan(rich(), HEADER, colour=False)
    assert dance in render_plan(rich(), HEADER, colour=False, verbose=True)


AGREEING = Plan(collections=(collection(),))


def test_nothing_to_do_is_said_in_one_line() -> None:
    *_, last = render_plan(AGREEING, HEADER, colour=False).splitlines()

    assert last == "No changes. Studio agrees with the file."


def test_a_held_creation_is_marked() -> None:
    new = replace(collection(name="New", id=None), action=Doing.CREATE, hold="0b5e77d1")

    shown = render_plan(Plan(collections=(new,)), HEADER, colour=False)

    assert "‖ “New”  to be created, held 0b5e77d1 · owner user:101" in shown


def test_causes_people_and_what_expires_are_told_around_the_counts() -> None:
    shown = render_plan(caused(), HEADER, colour=False, reach=reached())

    lines = [line.split("config.yaml:")[-1] for line in shown.splitlines()]
    assert "53  drifted  (ticket 4821)" in lines
    assert "40  held 7c1f0a9e  drifted" in lines
    assert "52  this change" in lines
    assert shown.endswith(OUTLOOK)


def test_of_many_that_expire_the_first_are_told_unless_all_are_asked_for() -> None:
    plan = Plan(expiring=tuple(expiry(f"user:{number}", number) for number in range(1, 20)))
    short, whole = (render_plan(plan, HEADER, colour=False, verbose=each) for each in (False, True))

    assert short.count("2026-12-01T06:00Z") == 10
    assert "    … and 9 more; -v shows all\n" in short
    assert whole.count("2026-12-01T06:00Z") == 19


@given(NAMES)
def test_a_name_does_nothing_to_a_terminal(name: str) -> None:
    plain = render_plan(named(name), HEADER, colour=False)
    coloured = render_plan(named(name), HEADER, colour=True)

    assert printable(plain.replace("\n", "")) == plain.replace("\n", "")
    assert ANSI.sub("", coloured) == plain
    assert len(plain.splitlines()) == len(
        render_plan(named("tame"), HEADER, colour=False).splitlines()
    )


@given(st.lists(st.tuples(st.booleans(), NAMES.filter(lambda name: "user:" not in name))))
def test_every_change_is_shown_exactly_once(shares: list[tuple[bool, str]]) -> None:
    changes = [
        create(name, number + 1000) if new else destroy(name, number + 1000)
        for number, (new, name) in enumerate(shares)
    ]
    shown = render_plan(Plan(collections=(collection(*changes),)), HEADER, colour=False)

    for change in changes:
        rows = [line for line in shown.splitlines() if f" {change.principal} " in f"{line} "]
        assert len(rows) == 1
    assert sum(line.startswith(("    +", "    -")) for line in shown.splitlines()) == len(changes)


def result(outcomes: Outcomes) -> list[str]:
    shown = render_result(rich(), outcomes, HEADER, colour=False, seconds=3.21, requests=41)
    return shown.splitlines()


def test_a_result_marks_every_change_with_its_end() -> None:
    biology, _, _, economics, _ = rich().collections
    shares = {
        (biology.key, user(102)): APPLIED,
        (biology.key, group(7)): Outcome(Result.FAILED, "the service answered 422"),
        (biology.key, user(12)): Outcome(Result.UNKNOWN, "no answer"),
        (economics.key, user(102)): APPLIED,
    }
    lines = result(Outcomes(shares, {economics.key: APPLIED}))

    expected = """\
      ✓ + grace@school.edu  user:102  edit         config.yaml:52
      ✗ ~ Biology Faculty   group:7   view → edit  config.yaml:53  failed: the service answered 422  (ticket 4821)
      ? ~ 山田太郎          user:12   edit → view  config.yaml:54  unknown whether it was done: no answer
      · - user:907                    view         config.yaml:55  not tried  its window has closed
      ‖ - lin@school.edu    user:103  view         config.yaml:40  held 7c1f0a9e
    """  # noqa: E501 - the rows as they are
    start = next(number for number, line in enumerate(lines) if line.startswith("  ✓"))
    assert "\n".join(line[2:] for line in lines[start : start + 5]) == dedent(expected).strip()
    assert "✓ “Economics”  created · owner: the token's own user" in "\n".join(lines)
    assert lines[-1] == (
        "Result: 3 applied, 1 failed, 1 unknown, 1 not tried, 2 held; 3.2 s, 41 requests."
    )


def test_what_has_no_outcome_was_not_tried() -> None:
    lines = result(Outcomes())

    assert lines[-1].startswith("Result: 0 applied, 0 failed, 0 unknown, 6 not tried, 2 held;")


def test_a_creation_that_failed_says_why_in_its_heading() -> None:
    economics = rich().collections[3]
    failed = Outcomes(collections={economics.key: Outcome(Result.FAILED, "403")})

    assert any(line.startswith("✗ “Economics”  failed: 403 · ") for line in result(failed))


def test_a_result_of_nothing_to_do_says_so() -> None:
    shown = render_result(AGREEING, Outcomes(), HEADER, colour=False, seconds=0.04, requests=1)

    assert shown.splitlines()[-1] == ("No changes. Studio agrees with the file; 0.0 s, 1 request.")


@pytest.mark.parametrize("colour", [True, False])
def test_an_error_does_nothing_to_a_terminal(colour: bool) -> None:
    plan = Plan(collections=(collection(create("a", 1, after=VIEW)),))
    failed = Outcome(Result.FAILED, "\x1b]0;title\x07\nPlan: all is well")
    outcomes = Outcomes({(plan.collections[0].key, user(1)): failed})

    shown = render_result(plan, outcomes, HEADER, colour=colour, seconds=1, requests=1)

    assert r"failed: \x1b]0;title\x07\nPlan: all is well" in shown
