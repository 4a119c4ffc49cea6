"""All leases of a process, renewed by one thread, however many they are and whatever goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from reconciler.core.model import Permission
from reconciler.errors import StateError
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, SEAT, TTL, Grant, acquire, holder_of, release
from reconciler.state.renewals import AT_ONCE, renew_all
from reconciler.state.schema import leases
from reconciler.state.store import Store
from tests.patience import until
from tests.state.worlds import NOW, begin, change

ANA = Holder(host="ana", pid=71)
SHORT = timedelta(milliseconds=300)


def granted(store: Store, name: str = SEAT, *, ttl: timedelta = TTL) -> Grant:
    grant = acquire(store, name, holder=ANA, ttl=ttl, now=NOW)
    assert isinstance(grant, Grant)
    return grant


def renewers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "leases"]


def beats(store: Store) -> list[int]:
    with store.read() as connection:
        return list(connection.scalars(select(leases.c.beat)))


def wait_for_beats(store: Store, count: int) -> None:
    until(lambda: min(beats(store)) >= count)


def test_one_thread_renews_all_and_ends_with_the_last(store: Store) -> None:
    with ExitStack() as stack:
        for n in range(20):
            here = store.sibling(f"school-{n}.test")
            stack.enter_context(LeaseKeeper(here, SEAT, ttl=SHORT))
        assert len(renewers()) == 1
        wait_for_beats(store, 2)
    assert not renewers()


def test_a_lease_added_later_sets_the_pace_when_it_is_the_shorter_one(store: Store) -> None:
    with LeaseKeeper(store, SEAT), LeaseKeeper(store, PASS, ttl=SHORT):
        wait_for_beats(store, 2)


def test_a_lost_lease_is_told_and_the_others_are_renewed_on(store: Store) -> None:
    other = store.sibling("other.test")
    with LeaseKeeper(store, SEAT, ttl=SHORT) as lost, LeaseKeeper(other, SEAT, ttl=SHORT) as kept:
        with store.write() as connection:
            mine = leases.c.tenant == store.tenant
            connection.execute(leases.update().where(mine).values(nonce="another's", beat=99))
        until(lambda: lost.seconds_left == 0)
        wait_for_beats(store, 2)
        kept.require(0)
    assert not renewers()
    assert holder_of(store, SEAT) is not None


def test_each_lives_as_long_again_as_it_is_to_live(store: Store) -> None:
    long, short = granted(store, PASS, ttl=3 * TTL), granted(store)
    later = NOW + timedelta(seconds=5)
    kept, lost = renew_all(store, [long.nonce, short.nonce], now=later)
    assert (kept, lost) == ({long.nonce, short.nonce}, set())
    ends = [held.expires_at for name in (PASS, SEAT) if (held := holder_of(store, name))]
    assert ends == [later + 3 * TTL, later + TTL]


def test_what_is_not_held_any_more_is_lost_and_the_rest_is_renewed(store: Store) -> None:
    given_back, kept = granted(store, PASS), granted(store)
    release(store, given_back)
    renewed, lost = renew_all(store, [given_back.nonce, kept.nonce, "never there"], now=NOW)
    assert (renewed, lost) == ({kept.nonce}, {given_back.nonce, "never there"})
    assert holder_of(store, PASS) is None


def test_more_than_one_statement_takes_are_renewed_by_several(store: Store) -> None:
    grants = [granted(store.sibling(f"{n}.test")) for n in range(3)]
    noise = [f"nobody's {n}" for n in range(AT_ONCE)]
    kept, lost = renew_all(store, [*noise, *(each.nonce for each in grants)], now=NOW)
    assert (len(kept), len(lost)) == (3, AT_ONCE)
    assert beats(store) == [1, 1, 1]


def test_nothing_to_renew_is_nothing_done(store: Store) -> None:
    assert renew_all(store, [], now=NOW) == (set(), set())


def test_what_was_granted_and_never_learned_of_is_ours_to_take_again_at_once(store: Store) -> None:
    with pytest.raises(StateError, match="the answer was lost"):
        granted(Deaf(store._database, tenant=store.tenant, owner=False))
    assert holder_of(store, SEAT) is None
    assert granted(store).fence == 2


class Deaf(Store):
    """A state whose answers are lost on the way back."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            yield connection
        raise StateError("the answer was lost")


def test_three_hundred_tenants_renew_and_journal_at_once_over_a_few_connections(
    store: Store,
) -> None:
    began, failed = threading.Barrier(300), list[StateError]()

    def one_pass(tenant: str) -> None:
        here = store.sibling(tenant)
        journal = Journal(here)
        began.wait()
        try:
            with LeaseKeeper(here, SEAT):
                begin(journal, "A")
                journal.intend("A", 1, 4711, "Biology", [change(1, None, Permission.VIEW)])
        except StateError as error:
            failed.append(error)

    threads = [
        threading.Thread(target=one_pass, args=(f"school-{n}.test",)) for n in range(began.parties)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    assert all(
        len(Journal(store.sibling(f"school-{n}.test")).read("A").changes) == 1 for n in range(300)
    )
