"""One tenant as a command works on it: its files, its memory, its connection."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from reconciler.cli.stores import Opener, open_own
from reconciler.cli.terminal import Progress
from reconciler.config.files import Loaded, load
from reconciler.core.document import Header
from reconciler.core.model import Notice
from reconciler.core.observed import NOTHING_REMEMBERED, Memory
from reconciler.errors import ConfigError, StateError

if TYPE_CHECKING:
    from reconciler.cli.options import Shared
    from reconciler.state.store import Store
    from reconciler.studio.client import Reader
    from reconciler.studio.observe import Observer
    from reconciler.studio.options import ClientOptions
    from reconciler.studio.session import RequestObserver

SANDBOX_URL = "https://sandbox.localhost"
DAY = timedelta(hours=24)


def now() -> datetime:
    return datetime.now(UTC)


def beside(place: str, folder: Path, suffix: str) -> Path:
    """What the sandbox keeps beside a state: in the folder, where that is a database or unknown."""
    path = Path(place) if place and "://" not in place else folder / "reconciler.db"
    return path.with_name(f"{path.stem}.sandbox{suffix}")


def without_memory(error: StateError) -> Notice:
    """Say of a plan that it was made without the state, and why."""
    text = f"planned without what earlier passes remember: {error.message}"
    return Notice(None, "state-unusable", text)


class Telling(Protocol):
    """Who is told how far a long step is."""

    def __call__(self, what: str, done: int, total: int, /) -> None: ...

    def clear(self) -> None: ...


@dataclass(slots=True)
class Site:
    """
    A tenant and everything that is opened for it, lazily and once.

    Nothing is sent and no state is made before it is asked for. `requests` is
    told of every request, once the connection is made; `opens` opens the state.
    """

    loaded: Loaded
    sandbox: bool
    progress: Telling
    stop: threading.Event = field(default_factory=threading.Event)
    requests: RequestObserver | None = None
    opens: Opener = open_own
    _stack: ExitStack = field(default_factory=ExitStack)
    _store: Store | None = None
    _reader: Reader | None = None

    @property
    def url(self) -> str:
        if self.sandbox or self.loaded.settings.studio is None:
            return SANDBOX_URL
        return self.loaded.settings.studio.url

    @property
    def tenant(self) -> str:
        """What the state calls this tenant."""
        return "sandbox" if self.sandbox else urlsplit(self.url).netloc.lower()

    @property
    def timeout(self) -> timedelta:
        return timedelta(seconds=self.options().timeout)

    def is_paused(self) -> bool:
        """Whether the file says to plan and not to write for now."""
        until = self.loaded.settings.schedule.pause_until
        return until is not None and now() < until

    def state_place(self) -> str:
        """Where the memory is; the sandbox has one of its own beside it."""
        if not self.sandbox:
            return self.loaded.settings.state
        return str(self._beside(".db"))

    def sandbox_data(self) -> Path:
        """The file that keeps the simulated tenant between commands."""
        return self._beside(".json")

    def _beside(self, suffix: str) -> Path:
        try:
            place = self.loaded.settings.state
        except ConfigError:
            place = ""
        return beside(place, self.loaded.folder, suffix)

    def store(self) -> Store:
        """The memory, opened to be written. Raises StateError where it cannot be."""
        if self._store is None:
            self._store = self.opens(self.state_place(), self.tenant)
            self._stack.callback(self._store.close)
        return self._store

    def recall(self) -> Memory:
        """What earlier passes knew. Raises StateError."""
        from reconciler.state.memory import recall  # noqa: PLC0415 - as above

        return recall(self.store(), since=now() - DAY)

    def glance(self) -> tuple[Memory, tuple[Notice, ...]]:
        """
        What earlier passes knew, for a command that only looks.

        It makes no state, and does without one that cannot be read.
        """
        from reconciler.state.memory import recall  # noqa: PLC0415 - as above
        from reconciler.state.store import open_store_readonly  # noqa: PLC0415 - as above

        try:
            store = open_store_readonly(self.state_place(), tenant=self.tenant)
            if store is None:
                return NOTHING_REMEMBERED, ()
            with store:
                return recall(store, since=now() - DAY), ()
        except StateError as error:
            return NOTHING_REMEMBERED, (without_memory(error),)

    def options(self) -> ClientOptions:
        """How to talk to the tenant."""
        from reconciler.studio.options import ClientOptions, PermissionsBody  # noqa: PLC0415

        studio = self.loaded.settings.studio
        if self.sandbox:
            return ClientOptions(base_url=SANDBOX_URL, requests_per_second=1000.0)
        if studio is None:
            raise AssertionError("a file without studio is refused unless --sandbox is given")
        return ClientOptions(
            base_url=studio.url,
            requests_per_second=studio.requests_per_second,
            concurrency=studio.concurrency,
            timeout=studio.timeout,
            permissions_body=PermissionsBody(studio.permissions_body),
        )

    def reader(self) -> Reader:
        """The reading side of the tenant. It cannot write."""
        if self._reader is None:
            from reconciler.cli.connection import connect_reader  # noqa: PLC0415 - httpx

            self._reader = connect_reader(self)
        return self._reader

    def rest(self) -> None:
        """Hold no connection until the next pass: a machine has many tenants that wait."""
        if self._reader is not None:
            self._reader.rest()

    def adopt(self, loaded: Loaded) -> None:
        """Go on with other files: the connection is made anew, what is remembered stays."""
        self._disconnect()
        self.loaded = loaded

    def _disconnect(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def observer(self) -> Observer:
        """Reading made into nouns."""
        from reconciler.studio.observe import Observer  # noqa: PLC0415 - httpx

        return Observer(
            self.reader(), concurrency=self.options().concurrency, progress=self.progress
        )

    def header(self, id: str, created_at: datetime) -> Header:
        """What a plan of this tenant says of itself."""
        return Header(
            id=id,
            created_at=created_at,
            studio=self.url,
            config_path=self.loaded.path.name,
            config_digest=self.loaded.digest,
            commit=self.loaded.commit,
        )

    def on_close(self, callback: Callable[[], None]) -> None:
        self._stack.callback(callback)

    def close(self) -> None:
        self._disconnect()
        self._stack.close()


@contextmanager
def open_site(shared: Shared, loaded: Loaded | None = None) -> Iterator[Site]:
    """Open the tenant that the files are about; reads them if they are not given."""
    loaded = loaded or load(shared.path(), environment=os.environ, sandbox=shared.sandbox)
    progress = Progress(quiet=shared.verbosity < 0)
    site = Site(loaded, shared.sandbox, progress)
    if shared.verbosity > 1:
        site.requests = _request_log(shared)
    try:
        yield site
    finally:
        progress.clear()
        site.close()


def _request_log(shared: Shared) -> RequestObserver:
    from reconciler.cli import logs, requestlog  # noqa: PLC0415 - only `-vv` needs them

    logs.configure(shared.log_format, shared.verbosity)
    return requestlog.RequestLog()


def new_pass_id(at: datetime) -> str:
    """An id for a pass: 26 characters that sort by time."""
    from reconciler.state.ids import new_id  # noqa: PLC0415 - only passes need it

    return new_id(at, os.urandom(10))
