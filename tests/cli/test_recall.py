"""Who is told what the state has on record, and what becomes of it when the state is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.cli import recall
from reconciler.cli.recall import Asker, Recall
from reconciler.cli.stores import open_own
from reconciler.errors import StateError
from reconciler.state.holder import Holder
from reconciler.state.journal import Journal
from reconciler.state.latest import Latest
from reconciler.state.lease import PASS, TTL, acquire
from reconciler.state.store import Store
from tests.patience import PATIENCE, until

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCHOOL, COLLEGE = "school.test", "college.test"
EVERY = 0.02


class Pages:
    """Hears what is on record, and how often."""

    def __init__(self) -> None:
        self.told: list[Latest | None] = []

    def recalls(self, latest: Latest | None) -> None:
        self.told.append(latest)

    @property
    def last(self) -> str | None:
        """The pass that was told of last."""
        latest = self.told[-1] if self.told else None
        return None if latest is None else latest.record.id


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(recall, "EVERY", EVERY)
    return str(tmp_path / "reconciler.db")


def put(place: str, tenant: str, pass_id: str) -> None:
    with open_own(place, tenant) as store:
        acquire(store, PASS, holder=Holder(host="far", pid=1), ttl=TTL, now=NOW)
        journal = Journal(store)
        journal.begin(
            pass_id, kind="run", started_at=NOW, holder="far:1", config_digest=None, commit=None
        )
        journal.finish(pass_id, verdict="done", summary={}, finished_at=NOW)


@contextmanager
def reading(
    opens: Callable[[], Store],
    asking: Callable[[], Mapping[str, Asker]],
    bugs: list[BaseException] | None = None,
) -> Iterator[None]:
    done, found = threading.Event(), bugs if bugs is not None else []
    reader = Recall(opens, asking, done, found.append)
    reader.start()
    try:
        yield
    finally:
        done.set()
        reader.join()
    assert bugs is not None or not found


def test_each_is_told_its_own_and_a_newer_one_when_there_is_one(place: str) -> None:
    school, college = Pages(), Pages()
    put(place, SCHOOL, "A")
    with reading(lambda: open_own(place, "x"), lambda: {SCHOOL: school, COLLEGE: college}):
        until(lambda: school.last == "A" and college.told)
        assert college.last is None
        put(place, COLLEGE, "B")
        until(lambda: college.last == "B")
        assert school.last == "A"


@pytest.mark.usefixtures("place")
def test_while_nobody_asks_the_state_is_left_alone() -> None:
    looked = threading.Semaphore(0)

    def nobody() -> Mapping[str, Asker]:
        looked.release()
        return {}

    def never() -> Store:
        raise AssertionError("the state was opened")

    with reading(never, nobody):
        assert all(looked.acquire(timeout=PATIENCE) for _ in range(3))


def test_a_state_that_is_away_makes_what_was_known_forgotten_until_it_is_back(place: str) -> None:
    pages, away = Pages(), threading.Event()
    put(place, SCHOOL, "A")

    def opens() -> Store:
        if away.is_set():
            raise StateError("it does not answer")
        return open_own(place, "x")

    with reading(opens, lambda: {SCHOOL: pages}):
        until(lambda: pages.last == "A")
        away.set()
        until(lambda: pages.last is None)
        away.clear()
        until(lambda: pages.last == "A")


def test_who_asks_for_another_tenant_by_then_is_not_told_of_this_one(place: str) -> None:
    pages, turns = Pages(), threading.Semaphore(0)
    put(place, SCHOOL, "A")
    names = iter([SCHOOL, COLLEGE] * 5)

    def moving() -> Mapping[str, Asker]:
        turns.release()
        name = next(names, None)
        return {} if name is None else {name: pages}

    with reading(lambda: open_own(place, "x"), moving):
        assert all(turns.acquire(timeout=PATIENCE) for _ in range(12))
    assert not pages.told


def test_a_bug_does_not_end_it_in_silence(place: str) -> None:
    bugs: list[BaseException] = []

    def wrong() -> Mapping[str, Asker]:
        raise ZeroDivisionError

    with reading(lambda: open_own(place, "x"), wrong, bugs):
        until(lambda: bugs)
    assert [type(each) for each in bugs] == [ZeroDivisionError]
