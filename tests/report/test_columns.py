from __future__ import annotations

import pytest

from reconciler.report.columns import display_width, padded, widths


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("abc", 3, id="ascii"),
        pytest.param("山田", 4, id="wide"),
        pytest.param("e\u0301", 1, id="combining-mark"),
        pytest.param("→", 1, id="ambiguous"),
    ],
)
def test_width_is_what_a_terminal_shows(text: str, width: int) -> None:
    assert display_width(text) == width
    assert padded(text, 6) == text + " " * (6 - width)


def test_one_very_long_cell_does_not_widen_its_column() -> None:
    assert widths([["ab", "x"], ["z" * 200, "yy"]]) == [2, 2]
