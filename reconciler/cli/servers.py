"""Where the tenants of one process are shown: a server for each address that their files name."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import structlog

from reconciler.config.settings import Basic, Bearer, DaemonSettings, PageAuth
from reconciler.errors import ConfigError, Location, Problem, ReconcilerError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from reconciler.daemon.tenants import Roster, Tenant

log = structlog.get_logger()

Address: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A tenant that is to be shown, where and to whom, as this file says."""

    tenant: Tenant
    settings: DaemonSettings
    file: Path


@dataclass(slots=True)
class _Server:
    """An address that is listened on, and what it shows at the moment."""

    auth: PageAuth | None
    roster: Roster
    stack: ExitStack = field(default_factory=ExitStack)


class Servers:
    """
    The servers of one process: one for each address, showing all whose files name it.

    Of `many` tenants each has paths and labels of its own, however many there
    are; else there is one, and the paths are its. An address that cannot be
    listened on is then an error; with many it is told, and tried again. A bug of
    a server's own goes to `report`. Any thread may call.
    """

    def __init__(self, *, many: bool, report: Callable[[BaseException], None]) -> None:
        self.many = many
        self._report = report
        self._lock = threading.Lock()
        self._shown: dict[object, Shown] = {}
        self._broken: dict[Path, tuple[str, ...]] = {}
        self._servers: dict[Address, _Server] = {}
        self._failing: set[Address] = set()

    def show(self, whose: object, shown: Shown) -> None:
        """
        Show a tenant from now on, in the place of what was shown for the same caller.

        Raises ConfigError where others at this address let in somebody else: it
        is then shown as soon as they agree. Raises ReconcilerError where the
        address of a single tenant cannot be listened on.
        """
        with self._lock:
            before = self._shown.get(whose)
            if before is None or _door(before.settings) != _door(shown.settings):
                # The last to come: it is the others that have been here.
                self._shown.pop(whose, None)
            self._shown[whose] = shown
            self._settle()
            if (other := self._in_the_way_of(shown)) is not None:
                raise ConfigError([_disagreement(shown, other)])

    def hide(self, whose: object) -> None:
        """Show it no more."""
        with self._lock:
            if self._shown.pop(whose, None) is not None:
                self._settle()

    def broken(self, file: Path, problems: Sequence[Problem]) -> None:
        """Tell of a file that never was any good, on every address there is."""
        with self._lock:
            self._broken[file] = tuple(map(str, problems))
            self._settle()

    def mended(self, file: Path) -> None:
        """The file is good, or gone."""
        with self._lock:
            if self._broken.pop(file, None) is not None:
                self._settle()

    def tend(self) -> None:
        """Try again to listen where that failed."""
        if self._failing:
            with self._lock:
                self._settle()

    def close(self) -> None:
        """End all servers."""
        with self._lock:
            self._shown.clear()
            self._settle()

    def _settle(self) -> None:
        """Bring about what is to be shown: the servers that there should be, and no other."""
        wanted = self._by_address()
        for address, server in list(self._servers.items()):
            if address not in wanted or _key(server.auth) != _key(wanted[address][0].settings.auth):
                del self._servers[address]
                server.stack.close()
        self._failing &= set(wanted)
        for address, group in wanted.items():
            if address in self._servers:
                self._servers[address].roster = self._roster(group)
            else:
                self._try(address, group)

    def _by_address(self) -> dict[Address, list[Shown]]:
        """Who is to be shown where: with the first there all who let in the same."""
        wanted: dict[Address, list[Shown]] = {}
        for each in self._shown.values():
            if (address := each.settings.listen) is not None:
                group = wanted.setdefault(address, [])
                if not group or _key(group[0].settings.auth) == _key(each.settings.auth):
                    group.append(each)
        return wanted

    def _in_the_way_of(self, shown: Shown) -> Shown | None:
        if shown.settings.listen is None:
            return None
        first = self._by_address()[shown.settings.listen][0]
        return None if _key(first.settings.auth) == _key(shown.settings.auth) else first

    def _roster(self, group: Sequence[Shown]) -> Roster:
        from reconciler.daemon.tenants import Broken, Roster  # noqa: PLC0415 - not without pages

        tenants: dict[str, Tenant] = {}
        for each in sorted(group, key=lambda shown: shown.tenant.name):
            tenants.setdefault(each.tenant.name, each.tenant)
        broken = sorted(self._broken.items())
        return Roster(tenants, tuple(Broken(str(file), told) for file, told in broken))

    def _try(self, address: Address, group: Sequence[Shown]) -> None:
        try:
            self._start(address, group)
        except ReconcilerError as error:
            if not self.many:
                raise
            if address not in self._failing:
                log.warning("the pages are off", error=error.message, remedy=error.remedy)
            self._failing.add(address)

    def _start(self, address: Address, group: Sequence[Shown]) -> None:
        from reconciler.daemon.server import serving  # noqa: PLC0415 - not without pages

        server = _Server(group[0].settings.auth, self._roster(group))
        app = self._application(server, group[0])
        url = server.stack.enter_context(serving(app, address, self._report))
        self._servers[address] = server
        self._failing.discard(address)
        log.info("the status page is on", url=url)

    def _application(self, server: _Server, only: Shown) -> ASGIApp:
        if self.many:
            from reconciler.daemon.overview import application_of_many  # noqa: PLC0415 - as above

            return application_of_many(lambda: server.roster, server.auth, os.environ)
        from reconciler.daemon.pages import application  # noqa: PLC0415 - as above

        return application(only.tenant.view, server.auth, os.environ)


def _door(settings: DaemonSettings) -> tuple[object, ...]:
    return settings.listen, _key(settings.auth)


def _key(auth: PageAuth | None) -> tuple[object, ...]:
    """Who is let in, wherever that is written."""
    match auth:
        case Bearer(token):
            return "bearer", token.env, token.file
        case Basic(user, password):
            return "basic", user, password.env, password.file
    return ()


def _disagreement(shown: Shown, other: Shown) -> Problem:
    place, there = _place(shown), _place(other)
    return Problem(
        place,
        "this daemon.auth is another one than that of a tenant at the same daemon.listen"
        f" ({there}); write the same in both, or give this file an address of its own",
    )


def _place(shown: Shown) -> Location:
    match shown.settings.auth:
        case Bearer(secret) | Basic(_, secret):
            return secret.location
    return Location(str(shown.file), 1, 1)
