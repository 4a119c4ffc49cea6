"""Who is invited to which seat, when not everybody who is invited comes."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconciler.cli import seating
from reconciler.cli.seating import Invitation, Seating
from reconciler.cli.stores import open_own
from reconciler.state.holder import Holder

TENANTS = [f"school-{number}.test" for number in range(6)]
SECONDS = 10


class Guest:
    """Hears that it is invited, and never sits down."""

    path = Path("school.yaml")
    is_sitting = False

    def __init__(self) -> None:
        self.invited = threading.Event()

    def invite(self, invitation: Invitation) -> None:
        del invitation
        self.invited.set()

    def let_go(self) -> None:
        raise AssertionError("it does not sit")

    def sits_elsewhere(self, holder: str | None) -> None:
        del holder


def test_a_seat_whose_owner_does_not_come_is_offered_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "LOOK", 0.05)
    monkeypatch.setattr(seating, "FIRST_LOOK", 0.05)
    place = str(tmp_path / "reconciler.db")
    with ExitStack() as stack:
        guests: list[Guest] = []
        for host in ("ana", "ben"):
            seats = Seating(place, open_own, Holder(host=host, pid=1), _unexpected)
            for tenant in TENANTS:
                guests.append(Guest())
                stack.enter_context(seats.guest(tenant, guests[-1]))
            stack.callback(seats.join)
            stack.callback(seats.stop)
            seats.start()
        assert all(each.invited.wait(SECONDS) for each in guests)


def _unexpected(bug: BaseException) -> None:
    raise bug
