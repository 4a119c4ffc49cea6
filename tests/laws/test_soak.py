"""Weeks on end: what the daemon leaves behind does not grow, and it heals whatever befalls."""

from __future__ import annotations

import gc
import resource
import secrets
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
import time_machine
from hypothesis import settings
from sqlalchemy import func, select

from reconciler.cli.service import Service, post_for
from reconciler.daemon.bell import Reason
from reconciler.state import schema
from reconciler.state.history import History
from reconciler.state.records import Verdict
from reconciler.state.retention import PLANS, TOGETHER
from reconciler.state.store import open_store, open_store_readonly
from tests.laws.memory import folder_in_memory
from tests.laws.mortal import START
from tests.laws.weeks import Weeks
from tests.laws.worlds import HOST
from tests.patience import PATIENCE

# `make soak` goes on until the first passes are forgotten, and draws other weeks every time.
LONG = settings.default is not None and settings.default.max_examples > 1000
WEEKS = 70 if LONG else 6
SEED = secrets.randbits(32) if LONG else 1
MOST_BLOCKS = 20_000  # of memory, from the second week to the last
MOST_BYTES = 20_000_000
MOST_BYTES_A_PASS = 4_000  # on disk


def left_open() -> Counter[str]:
    """What this process has open: kinds of descriptors, sockets among them, and threads."""
    opened: Counter[str] = Counter()
    for each in Path("/proc/self/fd").iterdir():
        try:
            opened[str(each.readlink()).partition(":")[0]] += 1
        except FileNotFoundError:  # the one we look with
            continue
    return opened + Counter(thread.name for thread in threading.enumerate())


@contextmanager
def nothing_left_open() -> Iterator[None]:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only /proc tells what a process has open")
    gc.collect()
    before = left_open()
    yield
    gc.collect()
    assert left_open() - before == Counter()


def test_weeks_of_storms_and_edits_leave_no_trace_but_the_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STUDIO_TOKEN", "sandbox")
    print("seed", SEED)  # noqa: T201 - shown where it fails
    with (
        folder_in_memory() as folder,
        nothing_left_open(),
        time_machine.travel(START, tick=False) as time,
    ):
        weights: list[tuple[int, int]] = []
        weeks = Weeks(
            folder, time, weeks=WEEKS, seed=SEED, settled=lambda: weights.append(weight())
        )
        weeks.run()
        weights.append(weight())
        the_record_is_whole(weeks)
        the_state_is_bounded(weeks)

    (blocks, size), (more_blocks, more) = weights
    assert more_blocks - blocks < MOST_BLOCKS
    assert more - size < MOST_BYTES
    assert {*Reason} - weeks.reasons == {Reason.RELOAD}
    assert weeks.checked > 10 * WEEKS
    assert weeks.healed > 5 * WEEKS


def weight() -> tuple[int, int]:
    """How many blocks of memory, and bytes, this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return sys.getallocatedblocks(), pages * resource.getpagesize()


def the_record_is_whole(weeks: Weeks) -> None:
    """Every pass is there but those forgotten for their age; none runs, none is interrupted."""
    with open_store(str(weeks.state), tenant=HOST) as store:
        kept = History(store).passes(1_000_000)
    ids = [each.id for each in reversed(kept)]
    assert ids == weeks.passes[-len(ids) :]
    assert {each.verdict for each in kept} <= {Verdict.DONE, Verdict.PARTIAL, Verdict.FAILED}
    if not LONG:
        assert len(ids) == len(weeks.passes)


def the_state_is_bounded(weeks: Weeks) -> None:
    with open_store(str(weeks.state), tenant=HOST) as store, store.read() as connection:
        same = schema.planned.c.pass_id == schema.passes.c.id
        oldest = connection.scalar(
            select(func.min(schema.passes.c.started_at)).join_from(
                schema.planned, schema.passes, same
            )
        )
        passes = connection.scalar(select(func.count()).select_from(schema.passes)) or 0
        unsettled = connection.scalar(
            select(func.count())
            .select_from(schema.changes)
            .where(schema.changes.c.outcome.is_(None))
        )
    assert oldest is not None
    assert oldest > weeks.ends - PLANS - TOGETHER - timedelta(days=1)
    assert unsettled == 0
    assert weeks.state.stat().st_size < 500_000 + passes * MOST_BYTES_A_PASS


FILE = """\
version: 1
mode: authoritative
daemon: {{listen: "127.0.0.1:0"}}
schedule: {{every: 10s}}
collections:
  - name: Biology 101
    shares: [{{user: 102, permission: {level}}}]
    allow_empty: true
"""
LIVES = 4
PASSES_A_LIFE = 6


def test_a_daemon_that_ends_leaves_no_thread_and_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILE.format(level="view"), encoding="utf-8")
    live(path, lives=1)  # what is imported once stays
    with nothing_left_open():
        live(path, lives=LIVES)


def live(path: Path, *, lives: int) -> None:
    """Start the whole daemon and stop it, again and again, with all its threads."""
    for _ in range(lives):
        post = post_for(observe=False)
        thread = threading.Thread(target=Service(path, sandbox=True, post=post).run)
        before = recorded(path)
        thread.start()
        for number in range(1, PASSES_A_LIFE):
            wait_for(path, before + number)
            path.write_text(FILE.format(level=["view", "edit"][number % 2]), encoding="utf-8")
            post.reload()
            if number == PASSES_A_LIFE // 2:
                post.leave()
        post.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def recorded(path: Path) -> int:
    """How many passes ended so far."""
    store = open_store_readonly(str(path.with_name("reconciler.sandbox.db")), tenant="sandbox")
    if store is None:
        return 0
    with store:
        kept = History(store).passes(1000)
    return sum(each.verdict is not Verdict.RUNNING for each in kept)


def wait_for(path: Path, passes: int) -> None:
    deadline = monotonic() + PATIENCE
    while recorded(path) < passes:
        assert monotonic() < deadline
        sleep(0.02)
