"""`status`: what the running daemon last did, from the state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from reconciler.cli.history import looking
from reconciler.cli.options import Shared, format_option, shared_options
from reconciler.cli.site import Site, now, open_site
from reconciler.cli.terminal import write_out

if TYPE_CHECKING:
    from reconciler.questions.status import Standing

NO_DAEMON = "no daemon runs"


@click.command("status")
@format_option("text", "json")
@shared_options
@click.pass_obj
def status_command(shared: Shared, format_: str) -> int:
    r"""
    Tell what the running daemon last did, and what waits for a person.

    It looks into the state and asks nobody, so it exits 0 also when no daemon
    runs or ever did: it says so. The JSON then has "seat": null. While the file
    is broken it goes by the last good one, as the daemon does. Given a folder, or
    several files, it tells of each tenant.

    \b
    Examples:
      reconciler status
      reconciler status --format json
      reconciler -c tenants/ status
    """
    if shared.is_many:
        from reconciler.cli.statuses import statuses  # noqa: PLC0415 - not for --help

        return statuses(shared, format_)
    from reconciler.cli.shelf import load_in_force  # noqa: PLC0415 - not for --help

    loaded = load_in_force(shared.path(), sandbox=shared.sandbox)
    with open_site(shared, loaded) as site, looking(site) as store:
        from reconciler.core.document import dump  # noqa: PLC0415 - not for --help
        from reconciler.questions.status import (  # noqa: PLC0415 - as above
            Standing,
            standing,
            standing_document,
        )

        at = now()
        found = Standing() if store is None else standing(store, at)
        due = next_due(site, found, at)
        if format_ == "json":
            write_out(dump(standing_document(found, due)))
        else:
            write_out("".join(f"{line}\n" for line in lines(found, due)))
        return 0


def next_due(site: Site, found: Standing, at: datetime) -> datetime | None:
    """When the daemon that has the seat wakes next by the files as they are now."""
    if found.seat is None:
        return None
    from reconciler.daemon.beats import beats_of  # noqa: PLC0415 - only where a daemon runs
    from reconciler.daemon.boundary import next_boundary  # noqa: PLC0415 - as above

    settings = site.loaded.settings
    schedule = settings.schedule
    times = (
        next_boundary(site.loaded.declarations, schedule.pause_until, at),
        beats_of(schedule, settings.timezone, found.seat.since).after(at),
    )
    return min((each for each in times if each is not None), default=None)


def lines(found: Standing, due: datetime | None) -> Iterator[str]:
    """Tell one tenant's standing to a person."""
    from reconciler.cli.accounts import gist  # noqa: PLC0415 - not for --help
    from reconciler.core.document import instant  # noqa: PLC0415 - as above
    from reconciler.report.safe import printable  # noqa: PLC0415 - as above

    if found.seat is None:
        yield f"{NO_DAEMON}; `reconciler run` is one"
    else:
        yield f"daemon     {printable(str(found.seat.holder))}, since {instant(found.seat.since)}"
    if found.last is None:
        yield "last pass  none of a daemon is on record"
    else:
        record = found.last.record
        yield f"last pass  {record.id}, {instant(record.started_at)}: {record.verdict.value}"
        if planned := gist(record.summary):
            yield f"           planned: {planned}"
    for hold in found.holds:
        yield f"held       {hold['hold']}  {hold['guard']}: {printable(str(hold['detail']))}"
    if due is not None:
        yield f"next       {instant(due)}, or when the file changes"
