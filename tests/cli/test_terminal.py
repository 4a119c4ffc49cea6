"""Asking a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.cli.terminal import LATEST_YES, agreed
from reconciler.errors import StalePlan


def answering(answer: bool) -> Callable[[str], bool]:
    return lambda _question: answer


def clock_of(*readings: float) -> Callable[[], float]:
    return iter(readings).__next__


@pytest.mark.parametrize("answer", [True, False])
def test_an_answer_in_time_is_taken(answer: bool) -> None:
    assert agreed("?", answering(answer), clock_of(0, LATEST_YES)) is answer


def test_a_yes_that_comes_too_late_is_none() -> None:
    with pytest.raises(StalePlan, match="15 minutes"):
        agreed("?", answering(True), clock_of(0, LATEST_YES + 1))


def test_a_late_no_is_a_no() -> None:
    assert agreed("?", answering(False), clock_of(0, LATEST_YES + 1)) is False
