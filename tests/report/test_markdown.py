from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.plan import Hold, Plan
from reconciler.report.budget import size
from reconciler.report.markdown import MOST_CHARACTERS, render_plan
from tests.report.plans import (
    HEADER,
    caused,
    collection,
    create,
    destroy,
    named,
    reached,
    rich,
)

NAMES = st.text(st.characters(), max_size=40) | st.text("|\\`<>@#[]()*_~\n -", max_size=12)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")


def cells(row: str) -> list[str]:
    """Split a row at the pipes GitHub splits at: those without a backslash before them."""
    return re.split(r"(?<!\\)\|", row)


def table(markdown: str) -> list[int]:
    return [len(cells(line)) for line in markdown.splitlines() if line.startswith("|")]


@given(NAMES)
def test_a_name_changes_neither_rows_nor_columns_nor_lines(name: str) -> None:
    shown, tame = render_plan(named(name), HEADER), render_plan(named("tame"), HEADER)

    assert table(shown) == table(tame)
    assert len(shown.split("\n")) == len(tame.split("\n"))


@given(NAMES)
def test_outside_code_a_name_means_nothing(name: str) -> None:
    prose = CODE.sub("", render_plan(named(name), HEADER))
    bare = re.sub(r"</?(sub|details|summary|b)>", "", prose).replace("&#8203;", "\u200b")

    assert not re.search(r"[@#](?!\u200b)", re.sub(r"&#\d+;|^#+ ", "", bare, flags=re.MULTILINE))
    assert "<" not in bare
    assert "[" not in bare
    assert "://" not in bare


def test_removals_and_holds_are_never_folded() -> None:
    many = [destroy(f"u{number}", number) for number in range(1, 60)]
    shown = render_plan(Plan(collections=(collection(*many),)), HEADER)

    assert "<details>" not in shown
    assert "### Access taken away (59)" in shown


def test_many_grants_are_folded_and_counted() -> None:
    many = [create(f"u{number}", number) for number in range(1, 60)]
    shown = render_plan(Plan(collections=(collection(*many),)), HEADER)

    assert "<summary><b>Other changes (59)</b></summary>" in shown
    assert shown.count("<details>") == shown.count("</details>") == 1


def test_what_expires_is_folded_and_comes_after_all_that_is_done_now() -> None:
    shown = render_plan(caused(), HEADER)

    assert "<summary><b>Expiring within 30 days (2)</b></summary>" in shown
    row = "| 2026-12-01T06:00Z | `Biology 101` | `user:12` | edit → view | `config.yaml:58` |"
    assert row in shown
    assert shown.index("Left alone") < shown.index("Expiring")


def test_causes_have_a_column_and_their_counts_stand_on_top() -> None:
    shown = render_plan(caused(), HEADER)

    assert "** 5 by this change, 2 drifted. Touches" in shown
    assert "| Line | Cause | Remarks |" in shown
    assert "| `config.yaml:53` | drifted | (ticket 4821) |" in shown
    assert len({*table(shown[shown.index("### Access") : shown.index("### Coll")])}) == 1


def test_without_a_base_there_is_no_word_of_causes() -> None:
    shown = render_plan(rich(), HEADER)

    assert "Cause" not in shown
    assert "drift" not in shown


def test_whose_access_changes_stands_on_top_with_what_was_not_read() -> None:
    shown = render_plan(rich(), HEADER, reach=reached(("Staff <b>",)))

    assert (
        "2 people gain access, 1 loses it, 1 is lowered to view (what is held not counted; "
        "members of 1 group could not be read: “Staff &#60;b&#62;”)."
    ) in shown


def test_the_counts_come_first_and_the_line_to_paste_is_there() -> None:
    shown = render_plan(rich(), HEADER)

    assert shown.startswith("## Studio permissions\n\n**Plan: 1 collection to create, 2 to create")
    assert '  - {hold: 7c1f0a9e, until: 2026-11-30, reason: "…"}\n```' in shown
    assert shown.index("Held back") < shown.index("taken away") < shown.index("Other changes")


def many_shares(name: str, number: int) -> Plan:
    removals = [destroy(name, each) for each in range(number)]
    grants = [create(name, each) for each in range(number, 2 * number)]
    return Plan(collections=(collection(*removals, *grants),))


def test_what_does_not_fit_is_counted_exactly() -> None:
    shown = render_plan(many_shares("somebody@school.edu", 900), HEADER)

    rows = sum(line.startswith(("| `-`", "| `+`")) for line in shown.splitlines())
    lost = re.search(r"Left out for lack of room: (?:(\d+) removals, )?(\d+) other", shown)
    assert lost is not None
    assert rows + sum(int(number or 0) for number in lost.groups()) == 1800
    assert size(shown) <= MOST_CHARACTERS


@given(st.text(st.characters(), min_size=1, max_size=20), st.integers(1, 200))
def test_a_comment_is_never_too_long(piece: str, times: int) -> None:
    name = piece * times
    long_header = replace(HEADER, studio=name, config_path=name, id=name, commit=name)
    holds = [Hold(id=name, guard=name, collection=name, detail=name, changes=1) for _ in range(12)]
    plan = replace(named(name), holds=tuple(holds), acknowledged=tuple(holds))

    assert size(render_plan(plan, long_header)) <= MOST_CHARACTERS


@pytest.mark.parametrize("number", [0, 1, 200, 1500])
def test_many_shares_are_never_too_long(number: int) -> None:
    assert size(render_plan(many_shares("𝄞|`@" * 20, number), HEADER)) <= MOST_CHARACTERS


def test_many_holds_leave_room_for_what_goes() -> None:
    holds = [
        Hold(id=f"{number:08x}", guard="completeness", collection=None, detail="d" * 300, changes=1)
        for number in range(400)
    ]
    plan = replace(many_shares("ann", 3), holds=tuple(holds))

    shown = render_plan(plan, HEADER)

    assert "### Access taken away (3)" in shown
    assert re.search(r"Left out for lack of room: \d+ holds\.", shown)
