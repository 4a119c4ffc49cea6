from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.budget import Budget, Part, size

WORDS = st.text("ab𝄞", max_size=12)
PARTS = st.builds(
    Part,
    kind=st.sampled_from(["a", "b"]),
    rows=st.lists(WORDS.map("<{}".format), max_size=6).map(tuple),
    opening=WORDS,
    closing=WORDS,
    most=st.none() | st.integers(0, 40),
)


@given(st.lists(PARTS, max_size=6), st.integers(0, 120))
def test_the_room_is_kept_and_every_row_is_accounted_for(parts: list[Part], room: int) -> None:
    budget = Budget(room)
    budget.take_all(parts)

    rows = sum(len(part.rows) for part in parts)
    assert size(budget.text) <= room
    assert budget.text.count("<") + budget.left_out.total() == rows


def test_a_part_without_room_for_a_row_has_no_frame_either() -> None:
    budget = Budget(10)
    budget.take_all([Part(kind="a", opening="[", rows=("0123456789",), closing="]")])

    assert budget.text == ""
    assert budget.left_out["a"] == 1


def test_a_character_of_two_units_counts_as_two() -> None:
    assert size("a𝄞") == 3
