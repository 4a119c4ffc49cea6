"""The installed command with its state in PostgreSQL, a server that comes and goes."""

from __future__ import annotations

import pytest

from reconciler.state.lease import PASS
from reconciler.state.records import Verdict
from reconciler.state.store import open_store_readonly
from tests.end_to_end.daemons import (
    EVERY,
    ROWS,
    Daemon,
    Daemons,
    agrees,
    drift,
    is_quiet,
    one_by_one,
)
from tests.end_to_end.fake_studio import Answer, Call, FakeStudio
from tests.end_to_end.recorded import lease, passes, verdicts
from tests.end_to_end.shell import Ran, Shell, config
from tests.patience import until
from tests.state.server import Server


def quiet(ran: Ran) -> Ran:
    assert is_quiet(ran.out + ran.err)
    return ran


def seated(daemon: Daemon, studio: FakeStudio) -> bool:
    return daemon.said("the seat is taken") and agrees(studio)


def is_at_rest(database: str, studio: FakeStudio) -> bool:
    """Whether a pass has made the tenant agree, and has given its lease back."""
    recorded = Verdict.DONE in verdicts(database, studio)
    return recorded and agrees(studio) and lease(database, studio, PASS) is None


def test_a_pass_is_recorded_shown_and_taken_back(
    installed: Shell, studio: FakeStudio, database: str
) -> None:
    installed.write(config(studio.url, ROWS))
    before = dict(studio.shares(4711))

    assert installed("plan", "--detailed-exitcode").status == 2
    assert passes(database, studio) == []
    assert installed("apply", "--yes").status == 0
    assert agrees(studio)
    assert installed("plan", "--detailed-exitcode").status == 0

    (applied,) = installed("history", "--format", "json").json["passes"]
    assert applied["verdict"] == "done"
    assert "Biology 101" in installed("show", applied["pass_id"]).out
    assert installed("explain", "lin@school.edu", "Biology 101").status == 0
    assert installed("undo", applied["pass_id"], "--yes").status == 0
    assert studio.shares(4711) == before
    assert len(installed("history", "--format", "json").json["passes"]) == 2
    assert not list(installed.folder.glob("*.db*"))


def test_the_sandbox_keeps_a_state_of_its_own_beside_the_file(
    installed: Shell, database: str
) -> None:
    installed("init")
    assert quiet(installed("apply", "--sandbox", "--yes")).status in {0, 3}
    assert installed("history", "--sandbox", "--format", "json").json["passes"]
    assert (installed.folder / "reconciler.sandbox.db").exists()
    assert open_store_readonly(database, tenant="sandbox") is None


def test_the_url_may_stand_in_a_variable_that_the_file_names(
    installed: Shell, studio: FakeStudio, database: str
) -> None:
    del installed.environment["RECONCILER_STATE"]
    installed.write(config(studio.url, ROWS, more="state: {env: DATABASE}\n"))
    assert quiet(installed("apply", "--yes", DATABASE=database)).status == 0
    assert verdicts(database, studio) == [Verdict.DONE]


@pytest.mark.usefixtures("database")
def test_without_its_database_it_plans_and_does_not_write(
    installed: Shell, studio: FakeStudio, server: Server
) -> None:
    installed.write(config(studio.url, ROWS))
    with server.stopped():
        planned = quiet(installed("plan", "--detailed-exitcode"))
        refused = [quiet(installed(*each)) for each in (["apply", "--yes"], ["run", "--once"])]
        asked = quiet(installed("history"))
    assert planned.status == 2
    assert "planned without what earlier passes remember" in planned.out + planned.err
    for ran in (*refused, asked):
        assert (ran.status, ran.out) == (1, "")
        assert "error: the state postgresql://reconciler:***@127.0.0.1:" in ran.err
        assert "See that the server runs" in ran.err
    assert studio.writes == []


def test_a_database_lost_while_it_writes_stops_the_writing_and_is_made_good(
    installed: Shell, studio: FakeStudio, server: Server, database: str
) -> None:
    lost: list[Call] = []

    def lose(call: Call) -> Answer | None:
        if call.is_write and not lost:
            lost.append(call)
            server.stop()
        return None

    studio.spoil = lose
    installed.write(one_by_one(studio.url))
    try:
        ran = quiet(installed("apply", "--yes"))
        sent = len(studio.writes)
    finally:
        server.start()
    assert ran.status == 1
    assert "the state postgresql://reconciler:***@" in ran.err
    assert sent == 1

    assert quiet(installed("apply", "--yes")).status == 0
    assert agrees(studio)
    assert verdicts(database, studio) == [
        Verdict.DONE,
        Verdict.INTERRUPTED,
    ]


def test_a_daemon_outlives_an_outage_of_its_database(
    installed: Shell, studio: FakeStudio, server: Server, database: str, daemons: Daemons
) -> None:
    installed.write(config(studio.url, ROWS, more=EVERY))
    daemon = daemons.start("daemon")
    # A pass that is cut off cannot give its lease back, and the next one waits for its end.
    until(lambda: is_at_rest(database, studio))
    with server.stopped():
        drift(studio)
        daemon.is_asked_for_a_pass()
        until(lambda: daemon.said("pass failed"))
        # It goes on looking: what there is to do is told, and nothing is written.
        assert daemon.said('"verdict": "failed"')
        assert daemon.said('"destroy": 1')
        assert not agrees(studio)
    daemon.is_asked_for_a_pass()
    until(lambda: agrees(studio))
    assert daemon.process.poll() is None
    assert daemon.ends_well()


@pytest.mark.usefixtures("database")
def test_a_daemon_that_stands_by_outlives_an_outage_too(
    installed: Shell, studio: FakeStudio, server: Server, daemons: Daemons
) -> None:
    installed.write(config(studio.url, ROWS, more=EVERY))
    first = daemons.start("first")
    until(lambda: seated(first, studio))
    second = daemons.start("second")
    until(lambda: second.said("standing by: another daemon"))
    with server.stopped():
        until(lambda: second.said("standing by: no state"))
    drift(studio)
    assert first.ends_well()
    until(lambda: seated(second, studio))


def test_a_killed_daemon_s_seat_is_taken_over(
    installed: Shell, studio: FakeStudio, database: str, daemons: Daemons
) -> None:
    installed.write(one_by_one(studio.url, EVERY))
    first = daemons.start("first")
    until(lambda: seated(first, studio))
    second = daemons.start("second")
    until(lambda: second.said("standing by"))

    studio.spoil = first.dies_writing
    drift(studio)
    first.is_asked_for_a_pass()
    until(lambda: seated(second, studio))

    assert second.ends_well()
    told = passes(database, studio)
    assert told[0].holder.endswith(f":{second.process.pid}")
    assert told[-1].holder.endswith(f":{first.process.pid}")
    assert verdicts(database, studio).count(Verdict.INTERRUPTED) == 1
