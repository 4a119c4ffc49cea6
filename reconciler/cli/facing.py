"""The daemon as seen from outside: its pages, told what its passes come to."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from reconciler.cli.conduct import Conducted
from reconciler.cli.in_force import in_force
from reconciler.cli.requestlog import Both, RequestLog
from reconciler.cli.servers import Servers, Shown
from reconciler.cli.site import Site, now
from reconciler.cli.telling import token_ends
from reconciler.config.settings import DaemonSettings
from reconciler.core.document import dump, plan_document
from reconciler.core.plan import Plan, summarize
from reconciler.daemon.bell import Bell
from reconciler.daemon.board import (
    SUCCESSES,
    Board,
    Failure,
    LastPass,
    Snapshot,
    left_of,
    troubles_of,
)
from reconciler.daemon.dues import Dues
from reconciler.daemon.extent import Extent, with_left_out
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.errors import Problem, ReconcilerError
from reconciler.state.holder import Holder
from reconciler.state.latest import Latest

if TYPE_CHECKING:
    from reconciler.daemon.metrics import Meter
    from reconciler.daemon.records import Records
    from reconciler.daemon.view import View

log = structlog.get_logger()


@dataclass(slots=True)
class _Open:
    """What there is only while the pages are on."""

    settings: DaemonSettings
    board: Board
    meter: Meter
    records: Records


@dataclass(frozen=True, slots=True)
class Passed:
    """
    A pass that ran to its end, why it began, and whether it might write.

    `left_out` is what it did not read, as that was when last read.
    """

    conducted: Conducted
    reasons: frozenset[str]
    may_write: bool
    extent: Extent | None = None
    left_out: Plan = field(default_factory=Plan)


class Facing:
    """
    The pages of one tenant, on or off as the file says.

    They are on the servers that are given, beside those of others, or else on
    one of their own. While they are off nothing is kept and nothing imported.
    The tenant's own thread calls everything here but `came_due`, `stands_by` and `recalls`.
    """

    def __init__(
        self, heartbeat: Heartbeat, bell: Bell, *, observe: bool, servers: Servers | None = None
    ) -> None:
        self._heartbeat = heartbeat
        self._observe = observe
        self._servers = servers or Servers(many=False, report=bell.report)
        self._dues = Dues()
        self._posting = threading.Lock()
        self._open: _Open | None = None
        self._is_new = True

    def open(self, site: Site, problems: Sequence[Problem]) -> None:
        """
        Show this tenant, under the configuration that is in force now.

        At the start, raises ConfigError where the secret that lets people in is
        not there, or where others at this address let in somebody else, and
        ReconcilerError where an address of its own cannot be listened on. Later
        on these are told: passes do not end for want of a page.
        """
        is_start, self._is_new = self._is_new, False
        try:
            self._show(site, problems)
        except ReconcilerError as error:
            if is_start:
                raise
            log.warning("the pages are off", error=error.message, remedy=error.remedy)
        finally:
            # Also of one that is to be shown as soon as the others at its address agree.
            told = RequestLog()
            meter = None if self._open is None else self._open.meter
            site.requests = told if meter is None else Both(told, meter)

    def _show(self, site: Site, problems: Sequence[Problem]) -> None:
        from reconciler.daemon.records import Records  # noqa: PLC0415 - not without pages

        wanted = site.loaded.settings.daemon
        records = Records(site.state_place(), site.tenant)
        first = self._first(site, problems)
        if self._open is None or self._open.settings != wanted:
            self.close()
            if wanted.listen is not None:
                self._open = self._opened(wanted, records, first)
                self._put_up(site)
        elif self._open.records != records:
            self._open.records = records
            self._open.board.post(first)
            self._put_up(site)
        else:
            self._post(in_force=first.in_force)

    def _put_up(self, site: Site) -> None:
        """Have the servers show it."""
        from reconciler.daemon.tenants import Tenant  # noqa: PLC0415 - not without pages

        if self._open is None:
            raise AssertionError("nothing to show")
        tenant = Tenant(site.tenant, self._view(self._open))
        try:
            self._servers.show(self, Shown(tenant, self._open.settings, site.loaded.path))
        except ReconcilerError:
            if not self._servers.many:
                self.close()
            raise

    def _first(self, site: Site, problems: Sequence[Problem]) -> Snapshot:
        """What there is to show of a tenant before its first pass."""
        return Snapshot(
            in_force=in_force(site, problems, observe=self._observe),
            holder=str(Holder.this_process()),
            since=now(),
            unseated=self._servers.many,
        )

    def stands_by(self, holder: str | None) -> None:
        """Another daemon has the seat; None where nobody is known to have it."""
        self._post(standing_by=holder, unseated=holder is None, next_due=None)

    @property
    def is_open(self) -> bool:
        """Whether there are pages."""
        return self._open is not None

    def recalls(self, latest: Latest | None) -> None:
        """The last pass on record, whoever made it; None where nothing is known of one."""
        self._post(on_record=latest)

    def sits(self, next_due: datetime | None) -> None:
        """The seat is ours."""
        self._post(standing_by=None, unseated=False, next_due=next_due, on_record=None)

    def came_due(self) -> None:
        """A pass is due now."""
        self._dues.came()

    def began(self) -> None:
        """A pass begins: so the seat is ours, whatever was seen of it before."""
        self._post(last_attempt=now(), standing_by=None, unseated=False)

    def ended(
        self, site: Site, passed: Passed, problems: Sequence[Problem], next_due: datetime | None
    ) -> None:
        """A pass ran to its end."""
        verdict = passed.conducted.verdict
        if verdict in SUCCESSES:
            self._dues.succeeded()
        if self._open is None:
            return
        conducted, done = passed.conducted, passed.conducted.done
        self._open.meter.ended(verdict, conducted.seconds, done.plan, done.outcomes)
        last = _last(passed, verdict)
        succeeded = {"last_success": last.finished_at} if verdict in SUCCESSES else {}
        self._post(last=last, failure=None, **succeeded)
        self._after(site, problems, next_due)

    def failed(
        self,
        site: Site,
        error: ReconcilerError,
        problems: Sequence[Problem],
        next_due: datetime | None,
        seen: Passed | None = None,
    ) -> None:
        """An expected failure ended a pass; `seen` is what could be planned all the same."""
        if self._open is None:
            return
        self._open.meter.failed()
        if seen is not None:
            self._post(last=_last(seen, seen.conducted.verdict))
        self._post(failure=Failure(error.message, error.remedy, now()))
        self._after(site, problems, next_due)

    def close(self) -> None:
        """End the pages."""
        self._open = None
        self._servers.hide(self)

    def _after(self, site: Site, problems: Sequence[Problem], next_due: datetime | None) -> None:
        self._post(
            in_force=in_force(site, problems, observe=self._observe),
            next_due=next_due,
            token_expires=token_ends(site),
        )

    def _post(self, **changed: object) -> None:
        # Who looks to the seats posts too. Those who only look take no lock.
        with self._posting:
            if (shown := self._open) is None:
                return
            before = shown.board.snapshot
            after = replace(before, **changed)  # type: ignore[arg-type]
            # Another snapshot is worked through anew by whoever shows it.
            if after != before:
                shown.board.post(after)

    def _opened(self, wanted: DaemonSettings, records: Records, first: Snapshot) -> _Open:
        # Imported only here: 0.15 s that only a daemon with pages needs to pay.
        from reconciler.daemon.gate import credential  # noqa: PLC0415
        from reconciler.daemon.metrics import Meter  # noqa: PLC0415

        if wanted.auth is not None:
            credential(wanted.auth, os.environ)
        board = Board(first)
        return _Open(wanted, board, Meter(lambda: board.snapshot), records)

    def _view(self, shown: _Open) -> View:
        from reconciler.daemon.view import View  # noqa: PLC0415 - not without pages

        return View(
            board=shown.board,
            meter=shown.meter,
            heartbeat=self._heartbeat,
            dues=self._dues,
            records=lambda: shown.records,
        )


def _last(passed: Passed, verdict: str) -> LastPass:
    conducted, done = passed.conducted, passed.conducted.done
    return LastPass(
        header=conducted.header,
        verdict=verdict,
        finished_at=now(),
        reasons=tuple(sorted(passed.reasons)),
        may_write=passed.may_write,
        seconds=conducted.seconds,
        requests=conducted.requests,
        summary=summarize(done.plan),
        left=with_left_out(left_of(done.plan, done.outcomes), passed.left_out),
        extent=passed.extent,
        troubles=troubles_of(done.outcomes),
        document=dump(plan_document(done.plan, conducted.header)).encode(),
    )
