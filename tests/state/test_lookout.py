"""Who writes is watched from look to look, so that a dead one's lease need not be from then on."""

from __future__ import annotations

from reconciler.state.holder import Holder
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import PASS, SEAT, TTL, Grant, acquire, renew
from reconciler.state.lookout import WritersWatch
from reconciler.state.store import Store
from tests.builders import NOW
from tests.state.worlds import Hands

FAR = Holder(host="far.test", pid=7, boot=None, namespace=None, started=None)


def test_a_lease_that_was_watched_long_enough_is_taken_over_without_a_wait(store: Store) -> None:
    hands = Hands()
    watch = WritersWatch(hands.clock)
    acquire(store, PASS, holder=FAR, ttl=TTL, now=hands.clock.now())
    watch.look(store)
    hands.seconds += TTL.total_seconds() + 1
    watch.look(store)
    seen = watch.of(store.tenant)
    before = hands.seconds
    with LeaseKeeper(store, PASS, watch=seen, clock=hands.clock, stop=hands.event()) as keeper:
        assert keeper.fence == 2
    assert hands.seconds == before


def test_who_is_not_writing_is_not_watched(store: Store) -> None:
    watch = WritersWatch()
    acquire(store, SEAT, holder=FAR, ttl=TTL, now=NOW)
    watch.look(store)
    assert watch.of(store.tenant) is None


def test_a_lease_that_is_renewed_is_watched_from_there_on(store: Store) -> None:
    hands = Hands()
    watch = WritersWatch(hands.clock)
    grant = acquire(store, PASS, holder=FAR, ttl=TTL, now=hands.clock.now())
    assert isinstance(grant, Grant)
    for _ in range(3):
        watch.look(store)
        hands.seconds += TTL.total_seconds() - 1
        assert renew(store, grant, now=hands.clock.now()) is not None
    watch.look(store)
    seen = watch.of(store.tenant)
    assert seen is not None
    assert seen.outwatched(hands.seconds, hands.clock.now()) is None
