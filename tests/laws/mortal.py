"""
A site whose process can die anywhere, on a tenant of this process, in a time that only waits move.

A fate counts every breath: a request about to be sent or answered, a transaction about to begin
or on disk. At the one it is told, the process is dead: nothing more is sent, nothing more
written, not even by what cleans up after an exception.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
import time_machine
from sqlalchemy import Connection, update

from reconciler.cli.connection import Vault
from reconciler.cli.site import Site
from reconciler.cli.terminal import Progress
from reconciler.config.files import Loaded, load
from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.transport import SandboxTransport
from reconciler.state import schema
from reconciler.state.store import Store, open_store
from reconciler.studio.auth import AccessToken, OAuthTokens
from reconciler.studio.client import Reader, connect
from reconciler.studio.grants import OAuthClient, TokenEndpoint
from reconciler.studio.line import Tokens
from reconciler.studio.pacer import Timing

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEED = "sandbox"
ENVIRONMENT = {"STUDIO_TOKEN": "sandbox"}


class Killed(BaseException):
    """The process is no more."""


class Fate:
    """When a process dies: at which breath, None for never."""

    def __init__(self, dies_at: int | None = None) -> None:
        self._left = dies_at
        self.dead = False
        self._lock = threading.Lock()

    def breathe(self) -> None:
        with self._lock:
            if self._left is not None:
                self._left -= 1
                self.dead = self.dead or self._left < 0
            if self.dead:
                raise Killed


class Skipping(threading.Event):
    """A stop that nobody sets; whoever waits on it moves the time instead."""

    def __init__(self, time: time_machine.Traveller) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self._time.shift(timeout or 0.0)
        return self.is_set()


class MortalStore(Store):
    """A state that a dead process writes no more."""

    fate: Fate

    @classmethod
    def of(cls, store: Store, fate: Fate) -> MortalStore:
        mortal = cls(store._database, tenant=store.tenant)
        mortal.fate = fate
        return mortal

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.fate.breathe()
        with super().write() as connection:
            yield connection
        self.fate.breathe()

    @contextmanager
    def write_across(self) -> Iterator[Connection]:
        self.fate.breathe()
        with super().write_across() as connection:
            yield connection
        self.fate.breathe()


class Witness(Protocol):
    """Told of every request right before it reaches the tenant."""

    def sees(self, request: httpx.Request) -> None: ...


class MortalTransport(httpx.BaseTransport):
    """The way to the tenant; what waits there moves the time."""

    def __init__(self, tenant: Tenant, fate: Fate, sees: Callable[[httpx.Request], None]) -> None:
        self._fate = fate
        self._sees = sees
        self._inner = SandboxTransport(tenant, wait=_not_at_all)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._fate.breathe()
        self._sees(request)
        try:
            return self._inner.handle_request(request)
        finally:
            self._fate.breathe()


def _not_at_all(_seconds: float) -> None:
    """A slow answer that is awaited is only an answer."""


@dataclass(kw_only=True)
class MortalSite(Site):
    """A site on a tenant of this process."""

    tenant_behind: Tenant
    state: MortalStore
    fate: Fate
    witness: Witness
    time: time_machine.Traveller
    oauth: bool = False

    def store(self) -> Store:
        return self.state

    def reader(self) -> Reader:
        if self._reader is None:
            transport = MortalTransport(self.tenant_behind, self.fate, self.witness.sees)
            self._reader = connect(
                self.options(),
                self._tokens(transport),
                stop=self.stop,
                transport=transport,
                clock=_seconds,
                now=_now,
            )
        return self._reader

    def _tokens(self, transport: httpx.BaseTransport) -> Tokens:
        if not self.oauth:
            return AccessToken(lambda: "sandbox", "the sandbox")
        timing = Timing(stop=self.stop, clock=_seconds, now=_now)
        client = OAuthClient("sandbox", "sandbox")
        endpoint = TokenEndpoint(self.options(), client, timing, transport=transport)
        return OAuthTokens(endpoint, Vault(self), seed=SEED, now=_now)


def _seconds() -> float:
    return datetime.now(UTC).timestamp()


def _now() -> datetime:
    return datetime.now(UTC)


def loaded(path: Path) -> Loaded:
    """Read the files, but for the commit, which would ask git."""
    found = load(path, environment=ENVIRONMENT)
    vars(found)["commit"] = None
    return found


def open_mortal(  # noqa: PLR0917 - the parts of a site
    files: Loaded,
    tenant: Tenant,
    state: Store,
    fate: Fate,
    witness: Witness,
    time: time_machine.Traveller,
    oauth: bool,
) -> MortalSite:
    """Open a site as a command would, in a process with that fate."""
    return MortalSite(
        files,
        sandbox=False,
        progress=Progress(quiet=True),
        stop=Skipping(time),
        tenant_behind=tenant,
        state=MortalStore.of(state, fate),
        fate=fate,
        witness=witness,
        time=time,
        oauth=oauth,
    )


def bury(store: Store) -> None:
    """Let go of what a dead process held, as whoever comes next on its machine would see."""
    with store.write() as connection:
        connection.execute(update(schema.leases).values(nonce=None))


class Slate:
    """
    A state to be wiped: for every scene a new one, by one engine.

    Making the tables, and putting statements into words anew for every engine,
    would take longer than the passes.
    """

    def __init__(self, folder: Path, tenant: str) -> None:
        self.folder = folder
        self._empty, self._path = folder / "empty.db", folder / "reconciler.db"
        open_store(str(self._empty), tenant=tenant).close()
        self.wipe()
        self.store = open_store(str(self._path), tenant=tenant)

    def wipe(self) -> None:
        """Begin anew."""
        shutil.copy(self._empty, self._path)

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()
        for side in ("-wal", "-shm"):
            self._path.with_name(f"{self._path.name}{side}").unlink(missing_ok=True)
        self.wipe()
