"""`status` of many tenants: one after the other, from states that are opened once each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, refuse_sandbox
from reconciler.cli.shelf import Beating, load_in_force
from reconciler.cli.site import Site, now
from reconciler.cli.status import lines, next_due
from reconciler.cli.terminal import write_out
from reconciler.core.document import Document, dump
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.errors import ConfigError, ReconcilerError, StateError
from reconciler.questions.status import Standing, standing, standing_document
from reconciler.report.safe import printable
from reconciler.state.store import Store, open_store_readonly


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell of a tenant."""

    tenant: str
    found: Standing
    due: datetime | None

    @property
    def document(self) -> Document:
        return {"tenant": self.tenant, **standing_document(self.found, self.due)}

    @property
    def lines(self) -> Iterator[str]:
        yield printable(self.tenant)
        yield from (f"  {line}" for line in lines(self.found, self.due))


@dataclass(frozen=True, slots=True)
class _Untold:
    """Why there is nothing to tell of a file: it is no good, or its state cannot be read."""

    file: Path
    error: ReconcilerError

    @property
    def problems(self) -> list[str]:
        if isinstance(self.error, ConfigError):
            return [str(each) for each in self.error.problems]
        return [str(self.error)]

    @property
    def document(self) -> Document:
        return {"path": str(self.file), "problems": self.problems}

    @property
    def lines(self) -> Iterator[str]:
        yield printable(str(self.file))
        told = (line for each in self.problems for line in each.splitlines())
        yield from (f"  {printable(line)}" for line in told)


def statuses(shared: Shared, format_: str) -> int:
    """
    Tell of each file's tenant. A file that is no good is told and costs no other its place.

    Exits 0 all the same; 1 where a state could not be read.
    """
    refuse_sandbox(shared)
    with ExitStack() as stack:
        opened: dict[str, Store | None] = {}
        told = [_of(path, stack, opened) for path in shared.paths()]
    if format_ == "json":
        write_out(dump(_document(told)))
    else:
        write_out("\n".join("".join(f"{line}\n" for line in each.lines) for each in told))
    unread = any(isinstance(each, _Untold) and _is_of_state(each) for each in told)
    return Exit.FAILED if unread else Exit.DONE


def _is_of_state(untold: _Untold) -> bool:
    return not isinstance(untold.error, ConfigError)


def _document(told: Sequence[_Told | _Untold]) -> Mapping[str, object]:
    return {
        "tenants": [each.document for each in told if isinstance(each, _Told)],
        "broken": [each.document for each in told if isinstance(each, _Untold)],
    }


def _of(path: Path, stack: ExitStack, opened: dict[str, Store | None]) -> _Told | _Untold:
    try:
        loaded = load_in_force(path, sandbox=False)
        with closing(Site(loaded, sandbox=False, progress=Beating(Heartbeat()))) as site:
            at, store = now(), _looked_at(site, stack, opened)
            found = Standing() if store is None else standing(store, at)
            return _Told(site.tenant, found, next_due(site, found, at))
    except (ConfigError, StateError) as error:
        return _Untold(path, error)


def _looked_at(site: Site, stack: ExitStack, opened: dict[str, Store | None]) -> Store | None:
    """The tenant's part of its state, opened to look only; None where there is none yet."""
    place = site.state_place()
    if place not in opened:
        store = opened[place] = open_store_readonly(place, tenant=site.tenant)
        if store is not None:
            stack.callback(store.close)
    first = opened[place]
    return None if first is None else first.sibling(site.tenant)
