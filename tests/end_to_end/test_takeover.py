"""Two daemons over one state: one writes, the other stands by and takes over a dead one's seat."""

from __future__ import annotations

import time

from reconciler.state.records import Verdict
from tests.end_to_end.daemons import EVERY, Daemons, agrees, drift, one_by_one
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.recorded import passes, verdicts
from tests.end_to_end.shell import Shell
from tests.patience import PATIENCE, until

TAKEN_OVER_WITHIN = 15.0
"""Seconds, on a busy machine. On the same host a dead process is seen, not waited for."""


def holders(shell: Shell, studio: FakeStudio) -> list[str]:
    """The process that ran each pass, the newest first."""
    told = passes(shell.folder / "reconciler.db", studio)
    return [each.holder.rpartition(":")[2] for each in told]


def test_a_daemon_that_is_killed_while_it_writes_is_taken_over_and_made_good(
    installed: Shell, studio: FakeStudio, daemons: Daemons
) -> None:
    installed.write(one_by_one(studio.url, EVERY))
    first = daemons.start("first")
    until(lambda: agrees(studio))
    second = daemons.start("second")
    until(lambda: second.said("standing by"))

    # A bell that rings for the one standing by moves nothing: only the seat's holder acts.
    second.is_asked_for_a_pass()
    before = len(studio.writes)
    drift(studio)
    first.is_asked_for_a_pass()
    until(lambda: agrees(studio))
    assert len(studio.writes) == before + 1
    assert set(holders(installed, studio)) == {str(first.process.pid)}

    killed: list[float] = []

    def kill(call: Call) -> Answer | None:
        if call.is_write and not killed:
            first.process.kill()
            first.process.wait(PATIENCE)
            killed.append(time.monotonic())
            return Answer(503)
        return None

    studio.spoil = kill
    drift(studio)
    studio.shares(4712).clear()
    first.is_asked_for_a_pass()
    until(lambda: killed and agrees(studio))

    assert time.monotonic() - killed[0] < TAKEN_OVER_WITHIN
    assert second.process.poll() is None
    assert second.said(f":{first.process.pid}")
    assert second.ends_well()
    told = holders(installed, studio)
    its, others = str(second.process.pid), str(first.process.pid)
    assert told == [its] * told.count(its) + [others] * told.count(others)
    ends = verdicts(installed.folder / "reconciler.db", studio)
    assert ends[told.count(its)] is Verdict.INTERRUPTED


def test_two_daemons_never_write_at_once(
    installed: Shell, studio: FakeStudio, daemons: Daemons
) -> None:
    writing: list[Call] = []
    together: list[Call] = []

    def slow(call: Call) -> Answer | None:
        if call.is_write:
            writing.append(call)
            studio.lock.release()
            time.sleep(0.2)
            studio.lock.acquire()
            writing.remove(call)
            together.extend(writing)
        return None

    studio.spoil = slow
    installed.write(one_by_one(studio.url, EVERY))
    both = [daemons.start("one"), daemons.start("other")]
    until(lambda: any(each.said("standing by") for each in both))
    for _ in range(3):
        drift(studio)
        for each in both:
            each.is_asked_for_a_pass()
        until(lambda: agrees(studio))
    (sitting,) = [each for each in both if each.said("the seat is taken")]
    (standing,) = [each for each in both if each is not sitting]

    # Told to stop, the one that sits gives its seat away at once.
    drift(studio)
    assert sitting.ends_well()
    until(lambda: standing.said("the seat is taken") and agrees(studio))

    assert together == []
    told = holders(installed, studio)
    assert len(set(told)) == 2
    assert sorted(told, key=[str(standing.process.pid), str(sitting.process.pid)].index) == told
