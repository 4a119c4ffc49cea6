"""A daemon with `schedule.full_sweep`: what it reads, what it leaves, and how that is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reconciler.daemon.bell import Reason
from reconciler.errors import StateError
from reconciler.sandbox.faults import Fault
from tests.cli.seated import Seated, entry, id_of, seated, tenant_with
from tests.laws.worlds import ME, OFF, Plain

ALL = frozenset(range(20))
SHARE = 5  # of twenty, where an hour has room for four passes
LONG = {"full_sweep": "9d"}
FILE = tuple(map(entry, range(20)))
GRACE = {"user": "p201@school.edu"}
FACULTY = {"group": "Faculty"}
START = Reason.START


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_TOKEN", "sandbox")


@pytest.fixture
def swept(tmp_path: Path) -> Iterator[Seated]:
    """A daemon after its first pass, which reads everything."""
    with seated(tmp_path, *FILE) as daemon:
        assert daemon.run_pass(START) == ALL
        yield daemon


def with_last(*more: Plain, **changed: object) -> tuple[Plain, ...]:
    """The file with another entry for course 19."""
    return (*FILE[:19], entry(19, *more, **changed))


# --- what is read ------------------------------------------------------------------------


def test_without_it_every_pass_reads_everything(tmp_path: Path) -> None:
    with seated(tmp_path, *FILE, schedule={}) as daemon:
        assert [daemon.run_pass() for _ in range(3)] == [ALL] * 3
        assert daemon.last.extent is not None
        assert daemon.last.extent.is_whole


def test_a_sweep_reads_all_in_even_parts_within_its_time(swept: Seated) -> None:
    passes = [swept.run_pass() for _ in range(12)]

    assert max(map(len, passes)) <= SHARE + 2
    for first in range(9):
        assert set().union(*passes[first : first + 4]) == ALL


@pytest.mark.parametrize("reason", [Reason.BOUNDARY, Reason.RETRY, Reason.FILE_CHANGE])
def test_no_other_reason_reads_more(swept: Seated, reason: Reason) -> None:
    assert len(swept.run_pass(reason)) <= SHARE + 2


def test_who_asks_to_see_is_shown_everything(swept: Seated) -> None:
    assert swept.run_pass(Reason.RELOAD) == ALL


def test_an_edit_is_carried_out_at_once_and_the_rest_left_unread(swept: Seated) -> None:
    read = swept.change(*with_last(GRACE))

    assert 19 in read
    assert len(read) <= SHARE + 3
    assert ("user", 201) in swept.tenant.shares(id_of(19))


def test_lines_that_move_stir_nothing(swept: Seated) -> None:
    assert len(swept.change(*reversed(FILE))) <= SHARE + 2


EVERYWHERE = [
    pytest.param({"guards": {**OFF, "flapping": {"count": 5}}}, id="guards"),
    pytest.param({"guards": {**OFF, "protect": {"users": [205]}}}, id="protect"),
    pytest.param(
        {"acknowledge": [{"hold": "7c1f0a9e", "until": "2027-01-01", "reason": "so"}]},
        id="acknowledge",
    ),
    pytest.param({"mode": "additive"}, id="mode"),
]


@pytest.mark.parametrize("changed", EVERYWHERE)
def test_what_may_concern_everybody_has_everything_read(swept: Seated, changed: Plain) -> None:
    assert swept.change(*FILE, **changed) == ALL


def test_what_is_listed_otherwise_is_read_at_once(swept: Seated) -> None:
    swept.tenant.rename(id_of(19), "Another name")
    swept.tenant.archive(id_of(18))

    assert 19 in swept.run_pass()
    left = {each.name: each for each in swept.last.left.collections}
    assert left["Course 18"].status == "ignored"


def test_a_change_is_looked_at_again_by_the_next_pass(tmp_path: Path) -> None:
    with seated(tmp_path, *FILE, schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.change(*with_last(GRACE))

        assert 19 in daemon.run_pass()
        assert 19 not in daemon.run_pass()


def test_a_window_that_opens_is_seen_to_at_once(tmp_path: Path) -> None:
    tomorrow = {**GRACE, "from": "2026-11-24"}
    with seated(tmp_path, *with_last(tomorrow), schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.run_pass(after=timedelta(hours=11))
        assert ("user", 201) not in daemon.tenant.shares(id_of(19))
        daemon.run_pass(Reason.BOUNDARY, after=timedelta(hours=1))

        assert ("user", 201) in daemon.tenant.shares(id_of(19))


def test_where_a_failed_pass_may_have_written_the_next_one_reads(tmp_path: Path) -> None:
    with seated(tmp_path, *FILE, schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.tenant.share(id_of(0), ("user", 205))
        with daemon.a_state_that_takes_no("INSERT ON agreements"), pytest.raises(StateError):
            daemon.run_pass()

        # It has written, and never came to its end.
        assert ("user", 205) not in daemon.tenant.shares(id_of(0))
        assert 0 in daemon.run_pass()


# --- what is left alone ------------------------------------------------------------------


def test_drift_is_healed_when_its_turn_comes_and_not_before(swept: Seated) -> None:
    swept.tenant.share(id_of(19), ("user", 205))
    reads: list[set[int]] = []
    while not reads or 19 not in reads[-1]:
        assert ("user", 205) in swept.tenant.shares(id_of(19))
        reads.append(swept.run_pass())

    assert len(reads) in {2, 3, 4}
    assert ("user", 205) not in swept.tenant.shares(id_of(19))


def test_what_is_unread_is_neither_released_nor_forgotten(swept: Seated) -> None:
    swept.change(*FILE[1:])

    released = [each for each in swept.last.left.notices if each.code == "collection-released"]
    assert [each.message.partition(" (")[0] for each in released] == ["Course 00"]
    swept.run_pass()
    assert "collection-released" not in {each.code for each in swept.last.left.notices}
    assert len(swept.site.recall().collections) == 19


def test_what_no_listing_shows_is_claimed_by_its_unread_entry_all_the_same(tmp_path: Path) -> None:
    tenant = tenant_with(20)
    tenant.switch(created_for_others_listed=False)
    hidden = replace(tenant.collections()[id_of(0)], id=9000, owner=200, created_by=ME, shares={})
    tenant.put(replace(hidden, name="Seminar"))
    pinned = {"name": "Seminar", "id": 9000, "owner": 200, "shares": []}
    with seated(tmp_path, pinned, *FILE, tenant=tenant, schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.run_pass()
        read = daemon.change(pinned, {"name": "Seminar", "shares": [GRACE]}, *FILE)

        assert 9000 - id_of(0) not in read
        assert [each.code for each in daemon.last.left.notices] == ["collection-ambiguous"]
        assert [each.name for each in tenant.collections().values()].count("Seminar") == 1


# --- who is who --------------------------------------------------------------------------


def test_a_name_that_is_in_sight_elsewhere_is_found_without_reading_there(tmp_path: Path) -> None:
    tenant = tenant_with(20, {7: "Faculty"})
    first = entry(0, FACULTY)
    with seated(tmp_path, first, *FILE[1:], tenant=tenant, schedule=LONG, directory={}) as daemon:
        daemon.tenant.share(id_of(0), ("group", 7))
        daemon.run_pass(START)
        daemon.run_pass()
        read = daemon.change(first, *with_last(FACULTY)[1:])

        assert 0 not in read
        assert ("group", 7) in daemon.tenant.shares(id_of(19))


def test_a_name_of_two_stays_ambiguous_though_only_one_is_read(tmp_path: Path) -> None:
    tenant = tenant_with(20, {7: "Faculty", 8: "Faculty"})
    tenant.share(id_of(0), ("group", 7))
    tenant.share(id_of(19), ("group", 8), "edit")
    one, two = entry(0, {"group": 7}), entry(19, {"group": 8, "permission": "edit"})
    with seated(tmp_path, one, *FILE[1:19], two, tenant=tenant, schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.run_pass()
        read = daemon.change(one, *FILE[1:18], entry(18, FACULTY), two)

        assert not read & {0, 19}
        assert [each.code for each in daemon.last.left.notices] == ["ambiguous-group"]
        assert not {("group", 7), ("group", 8)} & daemon.tenant.shares(id_of(18)).keys()


# --- how it is judged --------------------------------------------------------------------


def test_percentages_are_of_all_that_is_managed_not_of_what_was_read(tmp_path: Path) -> None:
    guards = {**OFF, "removals": {**OFF["removals"], "per_pass": {"count": 0, "percent": 10}}}
    with seated(tmp_path, *FILE, guards=guards, schedule=LONG) as daemon:
        daemon.run_pass(START)
        # Three of forty shares, and of the eight or so that are read.
        less = [{**each, "shares": each["shares"][:1]} for each in FILE[17:]]
        read = daemon.change(*FILE[:17], *less)

        assert len(read) < 6
        assert daemon.last.verdict == "done"
        assert ("group", 319) not in daemon.tenant.shares(id_of(19))


def test_an_agreement_is_remembered_though_only_some_was_read(swept: Seated) -> None:
    assert swept.visible == 20
    another = swept.tenant.collections()[id_of(0)]
    swept.tenant.put(replace(another, id=9000, name="Nobody's business"))
    assert len(swept.run_pass()) < 20

    assert swept.visible == 21


def test_none_is_remembered_where_an_unread_one_went_out_of_sight(tmp_path: Path) -> None:
    with seated(tmp_path, *with_last(id=id_of(19)), schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.run_pass()
        daemon.tenant.delete(id_of(19))
        daemon.run_pass()

        assert daemon.last.verdict == "partial"
        assert daemon.visible == 20


# --- how it is told ----------------------------------------------------------------------


def test_what_was_not_read_stands_on_the_pages_all_the_same(swept: Seated) -> None:
    swept.run_pass()

    assert len(swept.last.left.collections) == 20
    assert swept.last.extent is not None
    assert swept.last.extent.of == 20
    assert swept.last.summary.collections == swept.last.extent.collections <= SHARE + 2
    assert swept.last.extent.since < swept.last.header.created_at


def test_the_log_tells_how_much_was_left_unread_and_since_when_it_agrees(swept: Seated) -> None:
    with capture_logs() as logs:
        swept.run_pass()
        swept.run_pass(Reason.RELOAD)
    partly, whole = (each for each in logs if each["event"] == "pass")

    assert partly["collections"] + partly["unread"] == 20
    assert partly["agreed_since"] == "2026-11-23T12:15:00Z"
    assert not {"unread", "agreed_since"} & whole.keys()


def test_what_ends_soon_is_told_also_where_it_was_not_read(tmp_path: Path) -> None:
    until = {"user": 205, "until": "2026-12-01"}
    with seated(tmp_path, *with_last(until), schedule=LONG) as daemon:
        daemon.run_pass(START)
        daemon.run_pass()
        (before,) = daemon.last.left.expiring
        read = daemon.change(entry(0, GRACE), *FILE[1:19], entry(19, until))
        (after,) = daemon.last.left.expiring

        assert 19 not in read
        assert before.collection == after.collection == "Course 19"
        assert after.source.line > before.source.line


def test_what_is_the_matter_is_told_once_and_its_end_once(tmp_path: Path) -> None:
    guards = {**OFF, "removals": {**OFF["removals"], "per_collection": {"count": 0}}}
    file = (entry(0, {"user": "nobody@school.edu"}), *FILE[1:])
    with seated(tmp_path, *file, guards=guards) as daemon:
        daemon.tenant.share(id_of(19), ("user", 205))
        broken = f"GET /collections/{id_of(10)}/permissions"
        daemon.tenant.faults.add(Fault(fault="status", status=403, route=broken, times=999))
        daemon.run_pass(START)
        assert sorted(daemon.told()) == [
            ("held", "raised"),
            ("unreadable", "raised"),
            ("unresolved", "raised"),
        ]
        for _ in range(9):
            assert {0, 10, 19} <= daemon.run_pass()
        assert daemon.told() == []

        daemon.tenant.unshare(id_of(19), ("user", 205))
        daemon.tenant.faults.clear()
        daemon.change(*FILE)
        assert sorted(daemon.told()) == [
            ("held", "recovered"),
            ("unreadable", "recovered"),
            ("unresolved", "recovered"),
        ]
