"""Lists of shares: who, how much, and that nobody stands there twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.nodes import Mapping, Scalar, Sequence, Written
from reconciler.config.problems import Problems, Unusable
from reconciler.config.reading import Reading, Root
from reconciler.config.shapes import Shape
from reconciler.config.shares import IN_FULL, Line, ShareList
from reconciler.config.source import parse
from reconciler.core.declared import DeclaredShare, Reference, Window
from reconciler.core.model import Permission, PrincipalType
from reconciler.errors import Problem
from tests.config.given import biology, loaded, shares, told

USER, GROUP = PrincipalType.USER, PrincipalType.GROUP

WHO = [
    pytest.param("{user: 102}", Reference(USER, id=102), id="user-id"),
    pytest.param("{user: ada@school.edu}", Reference(USER, name="ada@school.edu"), id="address"),
    pytest.param("{group: 7}", Reference(GROUP, id=7), id="group-id"),
    pytest.param("{group: Biology}", Reference(GROUP, name="Biology"), id="group-name"),
    pytest.param("{group: '7'}", Reference(GROUP, name="7"), id="group-named-by-a-number"),
    pytest.param("{group: '007'}", Reference(GROUP, name="007"), id="group-named-by-zeros"),
    *(
        pytest.param(f"{{group: {word}}}", Reference(GROUP, name=word), id=f"group-{word}")
        for word in ("yes", "no", "on", "off", "true", "y")
    ),
    pytest.param('{group: "a\\nb"}', Reference(GROUP, name="a\nb"), id="group-with-a-line-end"),
]


@pytest.mark.parametrize(("line", "who"), WHO)
def test_a_principal_is_a_number_or_a_name(tmp_path: Path, line: str, who: Reference) -> None:
    (share,) = shares(tmp_path, line)

    assert share.who == who


def test_a_login_may_stand_where_the_directory_knows_it(tmp_path: Path) -> None:
    (share,) = shares(tmp_path, "{user: GHopper}", top="directory: {users: {ghopper: 102}}")

    assert share.who == Reference(USER, name="GHopper")


def test_permission_is_view_unless_it_says_edit(tmp_path: Path) -> None:
    viewer, editor = shares(tmp_path, "{user: 1}", "{user: 2, permission: edit}")

    assert (viewer.permission, editor.permission) == (Permission.VIEW, Permission.EDIT)


def test_a_share_knows_its_line_and_reason(tmp_path: Path) -> None:
    _, second = shares(tmp_path, "{user: 1}", "{user: 2, reason: guest lecturer}")

    assert second.source.short == "config.yaml:8"
    assert second.reason == "guest lecturer"


def test_the_same_person_may_have_one_window_after_the_other(tmp_path: Path) -> None:
    lines = ("{user: 1, until: 2026-11-30}", "{user: 1, from: 2026-12-01, permission: edit}")

    assert len(shares(tmp_path, *lines)) == 2


def test_a_user_and_a_group_of_the_same_id_are_two(tmp_path: Path) -> None:
    assert len(shares(tmp_path, "{user: 7}", "{group: 7}")) == 2


def test_group_names_compare_with_case(tmp_path: Path) -> None:
    assert len(shares(tmp_path, "{group: Staff}", "{group: staff}")) == 2


def test_one_bad_line_hides_no_other(tmp_path: Path) -> None:
    lines = ("{user: 010}", "{group: 7}", "{group: 7}", "{usr: 1}")

    places = [message.partition(" ")[0] for message in told(tmp_path, biology(*lines))]

    assert places == ["5:16:", "7:9:", "8:10:"]


def test_every_line_under_a_longer_one_is_told(tmp_path: Path) -> None:
    lines = (
        "{user: 1}",
        "{user: 1, from: 2026-01-01, until: 2026-01-02}",
        "{user: 1, from: 2026-01-05, until: 2026-01-06}",
    )

    places = [message.partition(" ")[0] for message in told(tmp_path, biology(*lines))]

    assert places == ["6:9:", "7:9:"]


DAYS = st.integers(0, 12)


@given(st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), min_size=1, max_size=6))
def test_twice_is_told_just_when_two_windows_overlap(
    spans: list[tuple[int | None, int | None]],
) -> None:
    spans = [(low, high) for low, high in spans if low is None or high is None or low <= high]
    problems = Problems()

    ShareList("shares").read(_list_of(spans), Reading(problems, Root(Path(), Path())))

    pairs = [(a, b) for i, a in enumerate(spans) for b in spans[i + 1 :]]
    assert bool(problems.found) == any(_meet(a, b) for a, b in pairs)


def _meet(a: tuple[int | None, int | None], b: tuple[int | None, int | None]) -> bool:
    low = max(-1 if each is None else each for each in (a[0], b[0]))
    high = min(99 if each is None else each for each in (a[1], b[1]))
    return low <= high


def _list_of(spans: list[tuple[int | None, int | None]]) -> Sequence:
    node = Sequence()
    for line, (first, last) in enumerate(spans, start=2):
        values = {"user": "1"}
        if first is not None:
            values["from"] = f"2026-01-{first + 1:02}"
        if last is not None:
            values["until"] = f"2026-01-{last + 1:02}"
        mark = Written("x", line, 0)
        item = Mapping(mark)
        item.entries |= {name: Scalar(text, True, mark, mark) for name, text in values.items()}
        node.items.append(item)
    return node


VALUES = st.sampled_from(
    [
        "1",
        "'1'",
        "007",
        "a@b.c",
        "grace",
        "Biology",
        "''",
        "~",
        "view",
        "edit",
        "'edit'",
        "edti",
        "[]",
    ]
)
FIELDS = st.dictionaries(st.sampled_from(["user", "group", "permission", "reason"]), VALUES)


@given(FIELDS)
def test_a_short_line_means_what_it_means_read_in_full(fields: dict[str, str]) -> None:
    text = f"{{{', '.join(f'{name}: {value}' for name, value in fields.items())}}}"

    assert _read(Line(), text) == _read(IN_FULL, text)


def _read(shape: Shape[DeclaredShare], text: str) -> tuple[DeclaredShare | None, list[Problem]]:
    problems = Problems()
    node = parse(text.encode(), "x", problems)
    assert node is not None
    reading = Reading(problems, Root(Path(), Path()), logins=frozenset({"grace"}))
    try:
        return shape.read(node, reading), problems.found
    except Unusable:
        return None, problems.found


def test_share_sets_are_declared_with_their_lines(tmp_path: Path) -> None:
    text = "share_sets:\n  staff:\n    - {group: 7}\n  none: []\n"

    declared = loaded(tmp_path, text).declarations.share_sets

    assert [each.source.short for each in declared["staff"]] == ["config.yaml:5"]
    assert declared["none"] == ()


def test_dates_are_whole_days_with_their_end(tmp_path: Path) -> None:
    (share,) = shares(tmp_path, "{user: 1, from: 2026-08-24, until: 2026-12-18}")

    assert share.window == Window(
        datetime(2026, 8, 24, tzinfo=UTC), datetime(2026, 12, 19, tzinfo=UTC)
    )


def test_a_single_day_is_a_day_long(tmp_path: Path) -> None:
    (share,) = shares(tmp_path, "{user: 1, from: 2026-08-24, until: 2026-08-24}")

    assert share.window.opens is not None
    assert share.window.closes == share.window.opens + timedelta(days=1)


def test_a_term_lends_its_window(tmp_path: Path) -> None:
    text = "timezone: America/Chicago\nterms: {fall: {from: 2026-08-24, until: 2026-12-18}}"

    (share,) = shares(tmp_path, "{user: 1, term: fall}", top=text)

    # Daylight saving ends in between: five hours behind UTC, then six.
    assert share.window == Window(
        datetime(2026, 8, 24, 5, tzinfo=UTC), datetime(2026, 12, 19, 6, tzinfo=UTC)
    )


def test_a_bad_term_is_told_once_and_not_at_each_use(tmp_path: Path) -> None:
    text = biology("{user: 1, term: fall}", top="terms: {fall: {until: soon}}")

    assert len(told(tmp_path, text)) == 1
