"""What is told of a state that is away."""

from __future__ import annotations

from structlog.testing import capture_logs

from reconciler.cli.absence import Absence
from reconciler.errors import StateError


def test_a_state_that_is_away_is_told_once_and_so_is_its_return() -> None:
    absence = Absence("waiting: no state")
    with capture_logs() as told:
        for _ in range(2):
            absence.ends()
            absence.begins(StateError("it does not answer"))
            absence.begins(StateError("it does not answer"))
            absence.ends()
            absence.ends()
    assert [each["event"] for each in told] == ["waiting: no state", "the state is back"] * 2
