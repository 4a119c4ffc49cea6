"""
The worker: takes the jobs of the queue that its tenants have, and carries so many at a time.

Procrastinate's own worker does it, in an event loop in a thread of its own; passes run in
threads beside it. It asks for jobs every few seconds and does not wait to be notified: due
times are found by asking in any case, and a pooler that hands its sessions out by transaction
loses notifications without a word.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psycopg
import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from reconciler.daemon.asking import PatientConnector
from reconciler.daemon.backoff import wait_after
from reconciler.state.queue import SILENT, TASK, Urgency, connecting, queue_of

log = structlog.get_logger()

ASK: Final = 2.0
"""Seconds between two questions for a job."""

HEARTBEAT: Final = 5.0
"""Seconds between two signs of life; after `SILENT` without one the jobs are given to others."""

ANEW: Final = 5.0
"""Seconds until the worker is started again that a database took down with it."""

TELLING: Final = 30.0
"""Seconds that it may take to tell the queue how a job ended, before that counts as not told."""

POOL: Final[dict[str, Any]] = {"min_size": 1, "max_size": 3, "timeout": 10.0}
"""How many connections the jobs of a process share: what they ask takes milliseconds."""

_SPARE_THREADS = 4  # beside the passes: the loop looks up the database's name in one


@dataclass(frozen=True, slots=True)
class Order:
    """A pass that is to be made; `failures` says how often it was tried before, to no end."""

    tenant: str
    urgency: Urgency
    failures: int
    due: datetime | None


class Again(Exception):
    """The pass is to be tried once more, after so many seconds, by whoever comes first."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds:.0f} s")


@dataclass(slots=True)
class Hands:
    """What this process has in hand, and under which number the queue knows it."""

    me: int | None = None
    _ended: dict[int, float | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def on(self, job: Job) -> Iterator[None]:
        """Have it in hand, and for a while after: until the queue must have been told."""
        id = job.id or 0
        with self._lock:
            self.me, self._ended[id] = job.worker_id, None
        try:
            yield
        finally:
            with self._lock:
                self._ended[id] = time.monotonic()

    def full(self) -> frozenset[int]:
        """The jobs in hand."""
        past = time.monotonic() - TELLING
        with self._lock:
            over = [id for id, ended in self._ended.items() if ended is not None and ended < past]
            for id in over:
                del self._ended[id]
            return frozenset(self._ended)


class Worker:
    """Carries the jobs of the tenants that it is given, until it is stopped."""

    def __init__(self, place: str, carry: Callable[[Order], None], *, at_once: int) -> None:
        self.hands = Hands()
        self._place = place
        self._carry = carry
        self._at_once = at_once
        # Procrastinate reads it at each question: changed in place, it is another list of queues.
        self._queues: list[str] = []
        self._stopped = threading.Event()
        self._bug: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def serve(self, tenants: Iterable[str]) -> None:
        """Take the jobs of these tenants from now on."""
        self._queues[:] = sorted(map(queue_of, tenants))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no more jobs."""
        self._stopped.set()
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(self._leave)

    def join(self) -> None:
        """Wait for the jobs in hand to end."""
        self._thread.join()

    def check(self) -> None:
        """Raise what has ended the worker, if a bug did."""
        if self._bug is not None:
            raise self._bug

    def _run(self) -> None:
        # They tell of each failure, with tracebacks; what matters of it is told here.
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            while not self._stopped.is_set():
                self._work_once()
        except BaseException as bug:  # noqa: BLE001 - whoever looks after this thread is to raise it
            self._bug = bug

    def _work_once(self) -> None:
        """Work until stopped, or until the database takes the worker down."""
        try:
            asyncio.run(self._work())
        except (ConnectorException, psycopg.Error) as error:
            log.warning("no jobs are taken: no queue", error=_first_line(error))
        if not self._stopped.wait(ANEW):
            log.info("jobs are taken again")

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_tell)
        self._loop.set_default_executor(ThreadPoolExecutor(self._at_once + _SPARE_THREADS))
        async with self._app().open_async() as app:
            self._task = asyncio.create_task(
                app.run_worker_async(
                    queues=self._queues,
                    concurrency=self._at_once,
                    install_signal_handlers=False,
                    listen_notify=False,
                    fetch_job_polling_interval=ASK,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=SILENT.total_seconds(),
                    delete_jobs="always",
                )
            )
            if self._stopped.is_set():
                self._leave()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _leave(self) -> None:
        # Cancelled twice, it would not wait for what it has in hand.
        if self._task is not None and not self._task.cancelling():
            self._task.cancel()

    def _app(self) -> App:
        connector = PatientConnector(kwargs={**connecting(self._place), "autocommit": True}, **POOL)
        app = App(connector=connector)
        app.task(name=TASK, pass_context=True, retry=_Retry())(self._carried)
        return app

    def _carried(self, context: JobContext, tenant: str) -> None:
        job = context.job
        with self.hands.on(job):
            order = Order(tenant, Urgency(job.priority), job.attempts, job.scheduled_at)
            try:
                self._carry(order)
            except Again:
                raise
            except Exception as bug:
                log.exception("a bug ended a pass; it is tried again", tenant=tenant)
                raise Again(_wait(job)) from bug


class _Retry(BaseRetryStrategy):
    """No pass is given up: the wait before the next try is what the failed one says."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        seconds = exception.seconds if isinstance(exception, Again) else _wait(job)
        return RetryDecision(retry_in={"seconds": round(seconds)})


def _wait(job: Job) -> float:
    return wait_after(job.attempts + 1, interval=None, jitter=random.random())  # noqa: S311


def _tell(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell what ended without anybody to hear it: a job whose end the queue was not told."""
    error = context.get("exception")
    told = context["message"] if error is None else _first_line(error)
    log.warning("the queue was not told how a job ended; it is put back", error=told)


def _first_line(error: BaseException) -> str:
    told = str(error.__cause__ or error).splitlines()
    return told[0] if told else type(error).__name__
