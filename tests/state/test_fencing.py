"""Whose lease went to another cannot begin a write, however much of it seems to be left."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Select, Table, select, update

from reconciler.core.outcome import APPLIED
from reconciler.errors import Busy
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, Grant, acquire
from reconciler.state.schema import changes, creations, leases
from reconciler.state.store import Store
from tests.patience import PATIENCE, until
from tests.state.worlds import NOW, VIEW, Hands, begin, change, user

TTL = 1.0

HOLD = """
import sys
from datetime import timedelta
from reconciler.errors import Busy
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.store import open_store

place, name, seconds = sys.argv[1:]
with open_store(place, tenant="school.test") as store:
    with LeaseKeeper(store, name, ttl=timedelta(seconds=float(seconds))) as lease:
        lease.require(0)
        print("held", lease.fence, flush=True)
        sys.stdin.readline()
        try:
            lease.require(0)
            print("writes")
        except Busy as refused:
            print("refused:", refused.message)
"""


def test_a_holder_that_was_stopped_and_resumed_is_refused(store: Store, place: str) -> None:
    command = [sys.executable, "-c", HOLD, place, PASS, str(TTL)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held 1\n"
        holder.send_signal(signal.SIGSTOP)
        try:
            with LeaseKeeper(store, PASS, patience=timedelta(minutes=2)) as lease:
                holder.send_signal(signal.SIGCONT)
                told, _ = holder.communicate("\n", timeout=60)
                assert told.startswith("refused: the lease `pass` is lost: taken over by ")
                assert lease.fence == 2
                lease.require(TTL)
        finally:
            holder.send_signal(signal.SIGCONT)


ANA, BEN = Holder(host="ana", pid=71), Holder(host="ben", pid=72)
A_PASS = "01J00000000000000000000001"

INTENTIONS: list[object] = [
    pytest.param(
        lambda journal: journal.intend(A_PASS, 1, 4711, "Biology", [change(7, None, VIEW)]),
        changes,
        id="of shares",
    ),
    pytest.param(
        lambda journal: journal.intend_collection(A_PASS, "Biology", 101, NOW),
        creations,
        id="of a collection",
    ),
]
Intend = Callable[[Journal], None]


@contextmanager
def writing(store: Store) -> Iterator[tuple[Journal, LeaseKeeper]]:
    """A pass of Ben's under the lease, which nothing renews but what is asked of it."""
    with LeaseKeeper(store, PASS, holder=BEN, clock=Hands().clock) as lease:
        journal = Journal(store, lease.check)
        begin(journal, A_PASS)
        yield journal, lease


def taken_by_ana(store: Store) -> Grant:
    """Take the lease as a database does that has forgotten the last transactions."""
    with store.write() as connection:
        connection.execute(update(leases).values(nonce=None, fence=0))
    answer = acquire(store, PASS, holder=ANA, ttl=timedelta(seconds=20), now=NOW)
    assert isinstance(answer, Grant)
    return answer


def written(store: Store, table: Table) -> int:
    rows: Select[tuple[int]] = select(table.c.id)
    with store.read() as connection:
        return len(connection.execute(rows).all())


@pytest.mark.parametrize(("intend", "table"), INTENTIONS)
def test_who_has_the_lease_writes_down_what_it_is_about_to_send(
    store: Store, intend: Intend, table: Table
) -> None:
    with writing(store) as (journal, lease):
        intend(journal)
        lease.require(0)
    assert written(store, table) == 1


@pytest.mark.parametrize(("intend", "table"), INTENTIONS)
def test_nothing_is_about_to_be_sent_once_the_database_gave_the_lease_to_another(
    store: Store, intend: Intend, table: Table
) -> None:
    with writing(store) as (journal, lease):
        other = taken_by_ana(store)
        assert other.fence == lease.fence, "and the number alone would not tell"
        with pytest.raises(Busy, match="the lease `pass` is lost: taken over by ana:71 since "):
            intend(journal)
        assert lease.is_lost
    assert written(store, table) == 0


@pytest.mark.parametrize(
    "forgotten",
    [
        pytest.param({"nonce": None, "fence": 0}, id="that it was granted"),
        pytest.param({"nonce": "an earlier one's", "fence": 0}, id="that another gave it back"),
        pytest.param({"fence": 0}, id="its number"),
        pytest.param(None, id="all of it"),
    ],
)
def test_nor_once_the_database_has_forgotten_it(
    store: Store, forgotten: dict[str, object] | None
) -> None:
    with writing(store) as (journal, lease):
        with store.write() as connection:
            connection.execute(update(leases).values(**forgotten) if forgotten else leases.delete())
        with pytest.raises(Busy, match="the lease `pass` is lost\n"):
            journal.intend(A_PASS, 1, 4711, "Biology", [change(7, None, VIEW)])
        with pytest.raises(Busy):
            lease.require(0)
    assert written(store, changes) == 0


def test_what_was_done_is_put_on_record_beside_what_may_not_be_any_more(store: Store) -> None:
    with writing(store) as (journal, _):
        for id in (1, 2):
            journal.intend(A_PASS, 1, id, "Biology", [change(7, None, VIEW)])
        taken_by_ana(store)
        line = journal._intentions._together._waiting
        with ThreadPoolExecutor(3) as threads:
            # While somebody else writes the first one waits for the turn, and the others for it.
            with store.write():
                ends = [threads.submit(settle, journal, 1)]
                until(journal._intentions._together._writing.locked)
                until(lambda: not line)
                ends.append(threads.submit(settle, journal, 2))
                late = threads.submit(journal.intend, A_PASS, 1, 3, "Biology", [])
                until(lambda: len(line) == 2)
            for end in ends:
                end.result(PATIENCE)
            with pytest.raises(Busy):
                late.result(PATIENCE)
    assert [each.outcome for each in journal.read(A_PASS).changes] == [APPLIED, APPLIED]


def settle(journal: Journal, id: int) -> None:
    journal.settle(A_PASS, 1, id, {user(7): APPLIED}, at=NOW)
