"""`history` and `show`: what passes did, from the state. Neither sends anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import Shared, format_option, shared_options
from reconciler.cli.site import Site, now, open_site
from reconciler.cli.terminal import colour_wanted, write_out
from reconciler.errors import StateError

if TYPE_CHECKING:
    from reconciler.state.store import Store

NOTHING_YET = "no pass is on record yet"


@click.command("history")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Tell the last N passes.",
)
@format_option("text", "json")
@shared_options
@click.pass_obj
def history_command(shared: Shared, limit: int, format_: str) -> int:
    r"""
    List the passes on record, the newest first.

    A pass that was killed has the verdict `interrupted`.

    \b
    Examples:
      reconciler history
      reconciler history --limit 5 --format json
    """
    with open_site(shared) as site, looking(site) as store:
        from reconciler.cli import accounts  # noqa: PLC0415 - not for --help
        from reconciler.core.document import dump  # noqa: PLC0415 - as above
        from reconciler.questions import history  # noqa: PLC0415 - as above

        passes = () if store is None else history.passes_on_record(store, limit, now())
        if format_ == "json":
            write_out(dump(history.history_document(passes)))
        else:
            write_out(accounts.listed(passes) or f"{NOTHING_YET}\n")
        return 0


@click.command("show")
@click.argument("pass_id", metavar="PASS")
@format_option("text", "json")
@shared_options
@click.pass_obj
def show_command(shared: Shared, pass_id: str, format_: str) -> int:
    r"""
    Show everything one pass did: each change with its outcome, what was created, what was held.

    PASS is an id that `history` lists, or the beginning of one.

    \b
    Examples:
      reconciler show 01JD3K6
      reconciler show 01JD3K6 --format json
    """
    with open_site(shared) as site, looking(site) as store:
        from reconciler.cli import accounts  # noqa: PLC0415 - not for --help
        from reconciler.core.document import dump  # noqa: PLC0415 - as above
        from reconciler.questions import history  # noqa: PLC0415 - as above

        if store is None:
            raise nothing_on_record(pass_id)
        account = history.account_of(store, pass_id, now())
        if format_ == "json":
            write_out(dump(history.account_document(account)))
        else:
            write_out(accounts.told(account, colour=colour_wanted()))
        return 0


@contextmanager
def looking(site: Site) -> Iterator[Store | None]:
    """The state, opened to look only; None where there is none yet. Raises StateError."""
    from reconciler.state.store import open_store_readonly  # noqa: PLC0415 - 0.2 s of import

    store = open_store_readonly(site.state_place(), tenant=site.tenant)
    try:
        yield store
    finally:
        if store is not None:
            store.close()


def nothing_on_record(pass_id: str) -> StateError:
    """What to raise where a pass is asked for and there is no state."""
    return StateError(
        f'no pass "{pass_id}" is on record: {NOTHING_YET}',
        remedy="check -c and `state`: each tenant has a state of its own, the sandbox too",
    )
