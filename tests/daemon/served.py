"""The pages of a snapshot on a port of this machine, and somebody who asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reconciler.config.settings import PageAuth
from reconciler.daemon.board import Board, Snapshot
from reconciler.daemon.dues import Dues
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.metrics import Meter
from reconciler.daemon.overview import application_of_many
from reconciler.daemon.pages import application
from reconciler.daemon.records import Records
from reconciler.daemon.server import serving
from reconciler.daemon.tenants import Roster
from reconciler.daemon.view import View
from tests.daemon.snapshots import NOW

PATIENCE = 20


@dataclass(frozen=True)
class Answered:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Asked:
    """A running server."""

    url: str

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """One request; a Host of one's own is taken as it is."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Answered(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@dataclass
class Served(Asked):
    """A running server and what it looks at."""

    board: Board
    dues: Dues
    bugs: list[BaseException] = field(default_factory=list)


@contextmanager
def served_many(
    roster: Roster,
    *,
    auth: PageAuth | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Asked]:
    """Serve these tenants, and files that are none."""
    bugs = list[BaseException]()
    app = application_of_many(lambda: roster, auth, environment or {}, lambda: NOW)
    with serving(app, ("127.0.0.1", 0), bugs.append) as url:
        yield Asked(url)
    assert not bugs


@contextmanager
def served(
    now: Snapshot,
    *,
    state: Path,
    auth: PageAuth | None = None,
    environment: Mapping[str, str] | None = None,
    heartbeat: Heartbeat | None = None,
) -> Iterator[Served]:
    """Serve the snapshot; the state is one that may not be there."""
    board, dues, bugs = Board(now), Dues(), list[BaseException]()
    view = View(
        board=board,
        meter=Meter(lambda: board.snapshot),
        heartbeat=heartbeat or Heartbeat(),
        dues=dues,
        records=lambda: Records(str(state), "school"),
        clock=lambda: NOW,
    )
    app = application(view, auth, environment or {})
    with serving(app, ("127.0.0.1", 0), bugs.append) as url:
        yield Served(url, board, dues, bugs)
    assert not bugs
