"""Workers of one queue: each takes what it knows, no tenant twice at once, nothing is given up."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

from reconciler.daemon import worker as workers
from reconciler.daemon.worker import Again, Order, Worker
from reconciler.errors import StateError
from reconciler.state.queue import Queue, Urgency
from reconciler.state.store import Store, open_store
from tests.patience import PATIENCE, until
from tests.state.bouncer import PROGRAM, pgbouncer
from tests.state.queued import jobs
from tests.state.server import Server

SOON = 0.05
"""Seconds between two questions for a job."""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ASK", SOON)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with server.database() as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, tenant="a.test") as opened:
        Queue.prepare(opened)
        yield opened


@dataclass
class Carried:
    """What workers were given to do, how much of it at once, and what each of it does."""

    does: Callable[[Order], None] = lambda _: None
    orders: list[Order] = field(default_factory=list)
    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, order: Order) -> None:
        with self.lock:
            self.orders.append(order)
            self.now[order.tenant] += 1
            self.most[order.tenant] = max(self.most[order.tenant], self.now[order.tenant])
            self.most["at all"] = max(self.most["at all"], self.now.total())
        try:
            self.does(order)
        finally:
            with self.lock:
                self.now[order.tenant] -= 1

    @property
    def tenants(self) -> list[str]:
        return [order.tenant for order in self.orders]


@contextmanager
def working(
    url: str, carry: Callable[[Order], None], *tenants: str, at_once: int = 4
) -> Iterator[Worker]:
    worker = Worker(url, carry, at_once=at_once)
    worker.serve(tenants)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        worker.join()


def want(store: Store, *tenants: str) -> None:
    for tenant in tenants:
        Queue().want(store.sibling(tenant), Urgency.NOW)


def test_a_worker_takes_the_jobs_of_the_tenants_it_knows(url: str, store: Store) -> None:
    want(store, "a.test", "b.test", "c.test")
    carried = Carried()
    with working(url, carried, "a.test", "b.test") as worker:
        until(lambda: len(jobs(url)) == 1)
        assert sorted(carried.tenants) == ["a.test", "b.test"]
        worker.serve(["c.test"])
        until(lambda: not jobs(url))
    assert carried.orders[-1] == Order("c.test", Urgency.NOW, failures=0, due=None)


def test_workers_share_the_jobs_and_no_tenant_is_in_two_hands(url: str, store: Store) -> None:
    tenants = [f"{name}.test" for name in "abc"]
    carried = Carried(lambda _: time.sleep(0.02))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(working(url, carried, *tenants))
        for _ in range(10):
            want(store, *tenants)
            time.sleep(0.03)
        until(lambda: not jobs(url))
    assert max(carried.most[tenant] for tenant in tenants) == 1
    assert carried.most["at all"] > 1


def test_a_worker_has_no_more_in_hand_than_it_is_told(url: str, store: Store) -> None:
    want(store, *(f"{name}.test" for name in "abcdef"))
    carried = Carried(lambda _: time.sleep(0.05))
    with working(url, carried, *(f"{name}.test" for name in "abcdef"), at_once=2):
        until(lambda: not jobs(url))
    assert carried.most["at all"] == 2


def test_what_failed_is_tried_again_when_it_asks_to_be(url: str, store: Store) -> None:
    def fail_twice(order: Order) -> None:
        if order.failures < 2:
            raise Again(0.0)

    want(store, "a.test")
    carried = Carried(fail_twice)
    with working(url, carried, "a.test"):
        until(lambda: not jobs(url))
    assert [order.failures for order in carried.orders] == [0, 1, 2]


def test_a_job_that_waits_for_its_next_try_leaves_the_worker_free(url: str, store: Store) -> None:
    def fail(order: Order) -> None:
        if order.tenant == "a.test":
            raise Again(60.0)

    want(store, "a.test", "b.test")
    carried = Carried(fail)
    with working(url, carried, "a.test", "b.test", at_once=1):
        until(lambda: "b.test" in carried.tenants)
        until(lambda: [job.status for job in jobs(url)] == ["todo"])
    assert carried.tenants.count("a.test") == 1


def test_a_bug_ends_the_pass_and_not_the_worker(url: str, store: Store) -> None:
    def err(order: Order) -> None:
        if order.tenant == "a.test":
            raise ZeroDivisionError

    want(store, "a.test", "b.test")
    carried = Carried(err)
    with working(url, carried, "a.test", "b.test"):
        until(lambda: [(job.status, job.attempts) for job in jobs(url)] == [("todo", 1)])
    assert sorted(carried.tenants) == ["a.test", "b.test"]


def test_a_worker_that_is_stopped_ends_what_it_has_in_hand_and_takes_no_more(
    url: str, store: Store
) -> None:
    taken, go_on = threading.Event(), threading.Event()

    def wait(_: Order) -> None:
        taken.set()
        assert go_on.wait(PATIENCE)

    want(store, "a.test", "b.test")
    carried = Carried(wait)
    with working(url, carried, "a.test", "b.test", at_once=1) as worker:
        assert taken.wait(PATIENCE)
        worker.stop()
        worker.stop()
        time.sleep(SOON)
        go_on.set()
        worker.join()
    assert len(carried.orders) == 1
    assert [job.status for job in jobs(url)] == ["todo"]


def test_a_worker_outlives_a_database_that_is_away_for_a_moment(
    server: Server, url: str, store: Store
) -> None:
    taken, go_on = threading.Event(), threading.Event()

    def wait(_: Order) -> None:
        taken.set()
        assert go_on.wait(PATIENCE)

    want(store, "a.test")
    with working(url, Carried(wait), "a.test") as worker:
        assert taken.wait(PATIENCE)
        with server.stopped():
            pass
        go_on.set()
        until(lambda: not jobs(url))
        worker.serve(["b.test"])
        want(store, "b.test")
        until(lambda: not jobs(url))


def test_a_worker_does_not_end_in_silence() -> None:
    worker = Worker("postgresql://db.test:no-port/x", Carried(), at_once=1)
    worker.start()
    worker.join()
    with pytest.raises(StateError, match="cannot be read"):
        worker.check()


@pytest.mark.skipif(PROGRAM is None, reason="there is no pgbouncer on this machine")
def test_a_pooler_by_transaction_may_stand_in_between(server: Server, url: str) -> None:
    with (
        pgbouncer(server) as bouncer,
        open_store(bouncer.url(url), tenant="a.test") as store,
    ):
        Queue.prepare(store)
        carried = Carried()
        with (
            working(bouncer.url(url), carried, "a.test", "b.test"),
            working(bouncer.url(url), carried, "a.test", "b.test"),
        ):
            want(store, "a.test", "b.test")
            until(lambda: not jobs(url))
        assert sorted(carried.tenants) == ["a.test", "b.test"]
