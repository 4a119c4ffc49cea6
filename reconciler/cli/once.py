"""One pass for each of many tenants, side by side: what a timer or a CronJob asks for."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import structlog

from reconciler.cli import logs
from reconciler.cli.accounts import gist
from reconciler.cli.conduct import conduct, unattended
from reconciler.cli.exits import Exit, first_of
from reconciler.cli.options import Shared, refuse_sandbox
from reconciler.cli.passlog import tell_pass
from reconciler.cli.shelf import Beating
from reconciler.cli.site import Site
from reconciler.cli.stores import Stores
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import write_out
from reconciler.config.files import load
from reconciler.core.plan import summarize
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.openfiles import ask_for_many
from reconciler.daemon.signals import signals
from reconciler.errors import ConfigError, Problem, ReconcilerError

log = structlog.get_logger()


def once_each(shared: Shared, *, observe: bool) -> int:
    """
    Make a pass for each file's tenant; a line on stdout for each as it ends.

    Returns the gravest of their statuses; a file that is not valid keeps no other
    tenant from its pass, and is told at the end.
    """
    refuse_sandbox(shared)
    paths = shared.paths()
    logs.configure(shared.log_format, shared.verbosity)
    ask_for_many()
    stop = threading.Event()
    with closing(Stores()) as stores, signals(stop=lambda _signal: stop.set()):
        ends = list(_told(_Each(observe, stores, stop), paths))
    if stop.is_set():
        return Exit.INTERRUPTED
    status = first_of(end.status for end in ends)
    problems = [problem for end in ends for problem in end.problems]
    if problems and status is not Exit.FAILED:
        raise ConfigError(problems)
    return status


def _told(each: _Each, paths: Sequence[Path]) -> Iterator[_End]:
    # A thread for each: who waits for a slow tenant must not keep others waiting.
    with ThreadPoolExecutor(len(paths), thread_name_prefix="tenant") as threads:
        for future in as_completed([threads.submit(each.end_of, path) for path in paths]):
            end = future.result()
            if end.line:
                write_out(f"{end.line}\n")
            yield end


@dataclass(frozen=True, slots=True)
class _End:
    status: Exit = Exit.DONE
    line: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Each:
    """What the passes of one run share."""

    observe: bool
    stores: Stores
    stop: threading.Event

    def end_of(self, path: Path) -> _End:
        """Make the pass of one file's tenant. What breaks it, be it a bug, breaks no other."""
        try:
            return self._end_of(path)
        except Exception:
            log.exception("a bug ended this tenant's pass", file=str(path))
            return _End(Exit.FAILED, f"{path.name}: failed: a bug, which the log tells")

    def _end_of(self, path: Path) -> _End:
        try:
            loaded = load(path, environment=os.environ)
        except ConfigError as error:
            return _End(problems=error.problems)
        progress = Beating(Heartbeat())
        site = Site(
            loaded, sandbox=False, progress=progress, stop=self.stop, opens=self.stores.open
        )
        with closing(site), structlog.contextvars.bound_contextvars(tenant=site.tenant):
            try:
                return self._pass(site)
            except ReconcilerError as error:
                log.warning("pass failed", error=error.message, remedy=error.remedy)
                return _End(Exit.FAILED, f"{site.tenant}: failed: {error.message}")

    def _pass(self, site: Site) -> _End:
        may_write = not self.observe and not site.is_paused()
        task = partial(task_for, site)
        conducted = conduct(site, unattended(site, task, may_write=may_write))
        tell_pass(conducted, ("once",), may_write=may_write)
        planned = gist(asdict(summarize(conducted.done.plan)))
        return _End(conducted.status, f"{site.tenant}: {conducted.verdict}: {planned}")
