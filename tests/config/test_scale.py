"""What a large file costs, counted in calls of Python functions: seconds depend on the machine."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

from reconciler.config.files import Text, Texts, interpret
from reconciler.config.reading import Root

HEAD = "version: 1\nmode: additive\ncollections:\n"
COUNTED = ("reconciler.", "yaml.")
MOST_CALLS_A_SHARE = 26


def calls(lines: str, collections: int) -> int:
    """How many Python functions are entered to read so many collections with these shares."""
    body = "".join(
        f"  - name: C{number}\n    id: {number}\n    shares:\n{lines}"
        for number in range(1, collections + 1)
    )
    text = Text("config.yaml", (HEAD + body).encode())
    texts = Texts(Path("config.yaml"), Root(Path(), Path()), (text,))
    count = 0

    def entered(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        # The collector may call what others have left with it, at any time.
        count += event == "call" and frame.f_globals["__name__"].startswith(COUNTED)

    before = sys.getprofile()
    sys.setprofile(entered)
    try:
        interpret(texts, environment={}, sandbox=True)
    finally:
        sys.setprofile(before)
    return count


def shares(template: str, count: int) -> str:
    return "".join(f"      - {template.format(number)}\n" for number in range(1, count + 1))


USUAL = [
    pytest.param("{{user: {}, permission: edit}}", id="user-and-level"),
    pytest.param("{{group: {}}}", id="group-alone"),
    pytest.param("{{user: u{}@school.edu, permission: view}}", id="address"),
]
OTHERS = [
    pytest.param("{{user: {}, until: 2027-01-31, reason: guest}}", id="window"),
    pytest.param("{{permission: edit, user: {}, from: 2026-01-01}}", id="from-a-day-on"),
]


@pytest.mark.parametrize("line", USUAL + OTHERS)
def test_twice_as_many_collections_cost_twice_as_much(line: str) -> None:
    text = shares(line, 20)
    # The first reading of all compiles patterns that the others find.
    _, once, twice, four_times = (calls(text, count) for count in (1, 10, 20, 40))

    assert four_times - twice == 2 * (twice - once)


@pytest.mark.parametrize("line", USUAL + OTHERS)
def test_twice_as_many_shares_cost_twice_as_much(line: str) -> None:
    _, once, twice, four_times = (calls(shares(line, count), 1) for count in (1, 100, 200, 400))

    assert four_times - twice == 2 * (twice - once)


@pytest.mark.parametrize("line", USUAL)
def test_the_usual_line_is_read_in_few_calls(line: str) -> None:
    few, many = (calls(shares(line, 10), count) for count in (10, 20))

    assert (many - few) / 100 <= MOST_CALLS_A_SHARE
