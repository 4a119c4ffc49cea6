"""Two daemons of many tenants, as processes: one is killed while it writes, the other has them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from reconciler.state.records import Verdict
from tests.end_to_end.daemons import Daemon, Daemons, agrees, drift, write_all
from tests.end_to_end.fake_studio import FakeStudio
from tests.end_to_end.recorded import lease, seats, verdicts
from tests.end_to_end.shell import Shell
from tests.patience import until


@pytest.fixture
def place(installed: Shell, studios: tuple[FakeStudio, ...]) -> Path:
    """A file for each tenant; where they have their state."""
    write_all(installed, studios)
    return installed.folder / "tenants" / "reconciler.db"


def test_the_tenants_of_a_killed_daemon_go_to_the_other_and_are_made_good(
    place: Path, studios: tuple[FakeStudio, ...], daemons: Daemons
) -> None:
    def sitting(daemon: Daemon) -> int:
        return Counter(each.pid for each in seats(place, studios))[daemon.process.pid]

    first, second = daemons.start("first"), daemons.start("second")
    until(lambda: sitting(first) == sitting(second) == 2 and agrees(*studios))
    lost = next(
        each for each in studios if [at.pid for at in seats(place, [each])] == [first.process.pid]
    )
    before = lease(place, lost)

    lost.spoil = first.dies_writing
    drift(*studios)
    for each in (first, second):
        each.is_asked_for_a_pass()
    until(lambda: sitting(second) == len(studios) and agrees(*studios))
    after = lease(place, lost)
    assert before is not None
    assert after is not None
    assert after.fence > before.fence
    assert Verdict.INTERRUPTED in verdicts(place, lost)

    assert second.ends_well()
    assert not seats(place, studios), "who is told to stop gives the seats back"
