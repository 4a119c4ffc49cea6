"""Jobs that wait for their turn: one of a kind, taken by one, given back when their worker dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.errors import StateError
from reconciler.state.queue import TASK, Queue, Urgency, connecting, queue_of
from reconciler.state.store import Store, open_store
from tests.state.queued import jobs, sql
from tests.state.server import PASSWORD, USER, WRITTEN, Server

HOUR = timedelta(hours=1)
TENANT = "school.test"


@pytest.fixture
def url(database: str) -> str:
    Server.empty(database)
    return database


@pytest.fixture
def bare(url: str) -> Iterator[Store]:
    with open_store(url, tenant=TENANT) as opened:
        yield opened


@pytest.fixture
def store(bare: Store) -> Store:
    Queue.prepare(bare)
    return bare


@pytest.fixture
def queue() -> Queue:
    return Queue()


def hire(url: str, *, silent_for: int = 0) -> int:
    """A worker of Procrastinate's, that last gave a sign of life so many seconds ago."""
    (row,) = sql(
        url,
        "INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - %s * interval '1 second') RETURNING id",
        silent_for,
    )
    worker: int = row.id
    return worker


def take(url: str, worker: int, tenant: str = TENANT) -> int | None:
    """What Procrastinate would give this worker to do."""
    (row,) = sql(
        url, "SELECT id FROM procrastinate_fetch_job_v2(%s, %s)", [queue_of(tenant)], worker
    )
    job: int | None = row.id
    return job


def test_workers_that_start_together_make_the_tables_once(url: str) -> None:
    with ExitStack() as stack:
        stores = [stack.enter_context(open_store(url, tenant=TENANT)) for _ in range(4)]
        together = threading.Barrier(4)

        def start(store: Store) -> None:
            with store.read():  # a session that has seen that there are none
                together.wait()
            Queue.prepare(store)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(start, stores))
    assert jobs(url) == []


def test_who_may_not_make_tables_is_told_who_has_to(url: str) -> None:
    open_store(url, tenant=TENANT).close()
    sql(url, f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    sql(url, "GRANT USAGE ON SCHEMA public TO guest")
    sql(url, "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO guest")
    try:
        guest = url.replace(f"//{USER}:", "//guest:")
        with (
            open_store(guest, tenant=TENANT) as store,
            pytest.raises(StateError, match="permission denied") as told,
        ):
            Queue.prepare(store)
        assert "may create tables" in str(told.value)
    finally:
        sql(url, "DROP OWNED BY guest")
        sql(url, "DROP ROLE guest")


def test_tables_of_an_older_procrastinate_are_not_used(url: str, bare: Store) -> None:
    sql(url, "CREATE TABLE procrastinate_jobs (id bigint)")
    with pytest.raises(StateError, match="older Procrastinate"):
        Queue.prepare(bare)


def test_a_job_says_whose_pass_it_is_and_nothing_else(url: str, store: Store, queue: Queue) -> None:
    queue.want(store, Urgency.NOW)
    (job,) = jobs(url)
    assert (job.task_name, job.args) == (TASK, {"tenant": TENANT})
    assert job.lock == "reconciler/school.test"
    assert job.queueing_lock is None


def test_of_each_kind_one_job_waits(url: str, store: Store, queue: Queue) -> None:
    soon, later = datetime.now(UTC) + HOUR, datetime.now(UTC) + 2 * HOUR
    assert queue.want(store, Urgency.DUE, soon)
    assert not queue.want(store, Urgency.DUE, soon)
    assert not queue.want(store, Urgency.DUE, later)
    assert queue.want(store, Urgency.NOW)
    assert not queue.want(store, Urgency.NOW)
    assert [(job.priority, job.scheduled_at) for job in jobs(url)] == [(0, soon), (1, None)]


def test_one_that_waits_for_later_is_brought_forward(url: str, store: Store, queue: Queue) -> None:
    soon, later = datetime.now(UTC) + HOUR, datetime.now(UTC) + 2 * HOUR
    queue.want(store, Urgency.DUE, later)
    assert queue.want(store, Urgency.DUE, soon)
    assert [job.scheduled_at for job in jobs(url)] == [soon]
    assert queue.want(store, Urgency.DUE)
    assert [job.scheduled_at for job in jobs(url)] == [None]


def test_a_pass_asked_for_now_does_not_wait_for_the_one_that_is_due(
    url: str, store: Store, queue: Queue
) -> None:
    queue.want(store, Urgency.DUE, datetime.now(UTC) + HOUR)
    worker = hire(url)
    assert take(url, worker) is None
    queue.want(store, Urgency.NOW)
    assert take(url, worker) == jobs(url)[1].id


def test_of_one_tenant_one_job_runs(url: str, store: Store, queue: Queue) -> None:
    queue.want(store, Urgency.DUE)
    first, second = hire(url), hire(url)
    assert take(url, first) is not None
    queue.want(store, Urgency.NOW)
    assert take(url, second) is None
    queue.want(store.sibling("other.test"), Urgency.NOW)
    assert take(url, second, "other.test") is not None


def test_a_tenant_is_begun_by_one_of_those_who_know_it(
    url: str, store: Store, queue: Queue
) -> None:
    assert Queue.idle(store, (TENANT, "other.test")) == {TENANT, "other.test"}
    with ThreadPoolExecutor(4) as threads:
        begun = list(threads.map(lambda _: queue.begin(store), range(4)))
    assert sorted(begun) == [False, False, False, True]
    assert Queue.idle(store, (TENANT, "other.test")) == {"other.test"}
    take(url, hire(url))
    assert not queue.begin(store)


def test_jobs_of_silent_workers_are_put_back_and_of_no_others(
    url: str, store: Store, queue: Queue
) -> None:
    for tenant, worker in [
        ("alive.test", hire(url)),
        ("silent.test", hire(url, silent_for=25)),
        ("gone.test", hire(url)),
    ]:
        queue.want(store.sibling(tenant), Urgency.DUE)
        assert take(url, worker, tenant)
    sql(url, "DELETE FROM procrastinate_workers WHERE id = %s", worker)
    sql(
        url,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('theirs', 'their.task', 'doing')",
    )

    assert Queue.put_back(store, me=None, running=()) == 2
    assert Queue.put_back(store, me=None, running=()) == 0
    waiting = {job.args["tenant"]: job.attempts for job in jobs(url) if job.status == "todo"}
    assert waiting == {"silent.test": 1, "gone.test": 1}


def test_what_this_worker_is_said_to_have_and_does_not_run_is_put_back(
    url: str, store: Store, queue: Queue
) -> None:
    me = hire(url)
    for tenant in ("just-taken.test", "running.test", "forgotten.test"):
        queue.want(store.sibling(tenant), Urgency.DUE)
    just_taken, running, forgotten = (job.id for job in jobs(url))
    for tenant in ("just-taken.test", "running.test", "forgotten.test"):
        take(url, me, tenant)
    sql(
        url,
        "UPDATE procrastinate_events SET at = at - interval '1 minute' WHERE job_id <> %s",
        just_taken,
    )
    assert Queue.put_back(store, me=me, running=[running]) == 1
    assert [job.id for job in jobs(url) if job.status == "todo"] == [forgotten]


def test_a_job_that_failed_is_put_back_beside_one_that_waits(
    url: str, store: Store, queue: Queue
) -> None:
    queue.want(store, Urgency.NOW)
    job = take(url, hire(url))
    queue.want(store, Urgency.NOW)
    sql(url, "SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", job)
    assert [each.status for each in jobs(url)] == ["todo", "todo"]


def test_a_database_that_is_away_is_told_without_its_password(
    server: Server, store: Store, queue: Queue
) -> None:
    with server.stopped(), pytest.raises(StateError) as told:
        queue.want(store, Urgency.NOW)
    assert PASSWORD not in str(told.value)
    assert WRITTEN not in str(told.value)


def test_the_queue_is_reached_as_the_state_is() -> None:
    told = connecting(
        "postgresql://ada:p%2Fw@db.test:6432/states?sslmode=require&keepalives_idle=9"
    )
    assert (told["host"], told["port"], told["dbname"]) == ("db.test", 6432, "states")
    assert (told["user"], told["password"]) == ("ada", "p/w")
    assert (told["sslmode"], told["keepalives_idle"]) == ("require", "9")
    assert told["prepare_threshold"] is None
