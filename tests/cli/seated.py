"""A daemon that has the seat of a little school, its passes rung by hand in a time of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import time_machine
from sqlalchemy import text

from reconciler.cli.rereading import Rereading
from reconciler.cli.service import post_for
from reconciler.cli.shelf import TextShelf
from reconciler.cli.sitting import Post, Sitting
from reconciler.cli.telling import Telling
from reconciler.daemon.bell import Reason
from reconciler.daemon.board import LastPass
from reconciler.daemon.goodfile import LastGood
from reconciler.daemon.letter import Letter
from reconciler.daemon.loop import Call
from reconciler.daemon.outbox import Outbox, Target
from reconciler.sandbox.convert import world_of
from reconciler.sandbox.document import TenantDocument
from reconciler.sandbox.state import State
from reconciler.sandbox.tenant import Tenant
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import SEAT
from reconciler.state.memory import recall
from reconciler.state.shelf import Shelf
from reconciler.state.store import Store, open_store
from tests.laws.mortal import START, Fate, open_mortal
from tests.laws.worlds import HOST, ME, OFF, STUDIO, Plain

EVERY = timedelta(minutes=15)
FIRST = 4700


def id_of(number: int) -> int:
    return FIRST + number


def name_of(number: int) -> str:
    return f"Course {number:02}"


def tenant_with(collections: int, groups: Mapping[int, str] | None = None) -> Tenant:
    """Person 200 teaches every course, and each has a group of its own; and there are others."""
    users: list[Plain] = [{"id": ME, "name": "Robot", "email": "robot@school.edu", "admin": True}]
    users += [
        {"id": id, "name": f"Person {id}", "email": f"p{id}@school.edu"} for id in range(200, 210)
    ]
    named = {id: f"Group {id}" for id in range(300, 300 + collections)} | dict(groups or {})
    plain: Plain = {
        "me": ME,
        "users": users,
        "groups": [{"id": id, "name": name} for id, name in named.items()],
        "collections": [
            {
                "id": id_of(each),
                "name": name_of(each),
                "owner": ME,
                "shares": [{"user": 200, "permission": "edit"}, {"group": 300 + each}],
            }
            for each in range(collections)
        ],
    }
    return Tenant(State(world=world_of(TenantDocument.model_validate(plain))))


def entry(number: int, *more: Plain, **changed: object) -> Plain:
    """One course as the file has it, which is as Studio has it."""
    shares = [{"user": 200, "permission": "edit"}, {"group": 300 + number}, *more]
    return {"name": name_of(number), "shares": shares, **changed}


class Letters(Outbox):
    """Whatever is posted, kept."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Letter] = []

    def post(self, letter: Letter, targets: Sequence[Target]) -> None:
        del targets
        self.kept.append(letter)


class Timely(Sitting):
    """A sitting that is due a quarter of an hour from now, which no scheduler knows."""

    def _next_due(self) -> datetime | None:
        times = (_now() + EVERY, self._boundary(_now()))
        return min(each for each in times if each is not None)


@dataclass
class Seated:
    """The daemon and everybody around it."""

    path: Path
    tenant: Tenant
    time: time_machine.Traveller
    letters: Letters = field(default_factory=Letters)
    more: Plain = field(default_factory=dict)
    _asked: list[httpx.Request] = field(default_factory=list)

    def sees(self, request: httpx.Request) -> None:
        self._asked.append(request)

    def write(self, *entries: Plain, **more: object) -> None:
        """Write a file with these entries; `more` keys stay for the next one."""
        self.more |= more
        file = {
            "version": 1,
            "mode": "authoritative",
            "studio": STUDIO,
            "schedule": {"full_sweep": "1h"},
            "daemon": {"listen": "127.0.0.1:0"},
            "guards": OFF,
            "collections": list(entries),
            **self.more,
        }
        self.path.write_text(json.dumps(file, indent=1), encoding="utf-8")

    def sit(self, store: Store) -> None:
        """Take the seat."""
        self.store = store
        self.post: Post = post_for(observe=False)
        shelf = TextShelf(Shelf(store), self.path)
        good = LastGood(Rereading(self.path, sandbox=False).source(), lambda _: shelf)
        self.site = open_mortal(good.in_force, self.tenant, store, Fate(), self, self.time, False)
        self.post.facing.open(self.site, good.problems)
        telling = Telling(self.site, self.letters)
        self.sitting = Timely(self.post, good, self.site, LeaseKeeper(store, SEAT), telling)

    def leave(self) -> None:
        self.post.facing.close()
        self.site.close()

    def run_pass(self, reason: Reason = Reason.SCHEDULE, *, after: timedelta = EVERY) -> set[int]:
        """Let a pass come; the numbers of the courses whose permissions it read."""
        self.time.shift(after)
        self._asked.clear()
        self.sitting._pass(Call(frozenset({reason})))
        return self.read()

    @contextmanager
    def a_state_that_takes_no(self, write: str) -> Iterator[None]:
        """Refuse one kind of write, such as `INSERT ON agreements`, for a while."""
        refuse = f"CREATE TRIGGER away BEFORE {write} BEGIN SELECT RAISE(ABORT, 'away'); END"
        with self.store.write() as connection:
            connection.execute(text(refuse))
        yield
        with self.store.write() as connection:
            connection.execute(text("DROP TRIGGER away"))

    def change(self, *entries: Plain, **more: Any) -> set[int]:  # noqa: ANN401 - keys of the file
        """Another file, and the pass that it brings about; what that pass read."""
        self.write(*entries, **more)
        return self.run_pass(Reason.FILE_CHANGE, after=timedelta(seconds=5))

    def read(self) -> set[int]:
        paths = [each.url.path.split("/") for each in self._asked if each.method == "GET"]
        return {int(path[-2]) - FIRST for path in paths if path[-1] == "permissions"}

    @property
    def last(self) -> LastPass:
        """The last pass, as the pages have it."""
        shown = self.post.facing._open
        assert shown is not None
        assert shown.board.snapshot.last is not None
        return shown.board.snapshot.last

    @property
    def visible(self) -> int | None:
        """How many collections were visible at the last agreement, as the state has it."""
        return recall(self.store, since=_now()).visible

    def told(self) -> list[tuple[str, str]]:
        """What people were told since they were last asked about."""
        letters, self.letters.kept = self.letters.kept, []
        return [(each.message.topic.value, each.message.turn.value) for each in letters]


@contextmanager
def seated(
    folder: Path,
    *entries: Plain,
    tenant: Tenant | None = None,
    **more: Any,  # noqa: ANN401 - as above
) -> Iterator[Seated]:
    """Have a daemon sit before a file with these entries, on a tenant that has twenty courses."""
    with time_machine.travel(START, tick=False) as time:
        daemon = Seated(folder / "config.yaml", tenant or tenant_with(20), time)
        daemon.write(*entries, **more)
        with open_store(str(folder / "reconciler.db"), tenant=HOST) as store, daemon.letters:
            daemon.sit(store)
            try:
                yield daemon
            finally:
                daemon.leave()


def _now() -> datetime:
    return datetime.now(UTC)
