"""`apply`: plan, show, ask, carry out; or carry out exactly a saved plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.options import (
    Shared,
    acknowledge_option,
    collections_option,
    format_option,
    shared_options,
    yes_option,
)
from reconciler.cli.site import Site, open_site
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import is_interactive
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.cli.showing import Showing


@click.command("apply")
@click.argument("plan", required=False, metavar="[PLAN.json]", type=click.Path(path_type=Path))
@yes_option
@collections_option
@acknowledge_option
@format_option("text", "json", help="How to show what was done.")
@shared_options
@click.pass_obj
def apply_command(  # noqa: PLR0917 - one parameter an option
    shared: Shared,
    plan: Path | None,
    yes: bool,
    collections: tuple[str, ...],
    acknowledged: tuple[str, ...],
    format_: str,
) -> int:
    r"""
    Plan, show, ask, and carry out what is not held.

    With PLAN.json, carry out exactly that plan (see `plan --out plan.json`): a
    collection that has moved since is skipped and named.

    \b
    Examples:
      reconciler apply
      reconciler apply --yes --acknowledge 7c1f0a9e
      reconciler apply plan.json --yes
    """
    if not yes and not is_interactive():
        raise UsageError(
            "there is no terminal to ask on", remedy="look at `reconciler plan`, then add --yes"
        )
    if plan is not None and collections:
        raise UsageError("--collection does not go with a saved plan: it is carried out exactly")
    from reconciler.cli.showing import Showing  # noqa: PLC0415 - not for --help

    with open_site(shared) as site:
        showing = Showing(site, yes=yes, json=format_ == "json", verbose=shared.verbosity > 0)
        if plan is not None:
            from reconciler.cli.saved import apply_saved  # noqa: PLC0415 - only with a plan

            return apply_saved(site, plan, showing, acknowledged)
        return apply_now(site, showing, collections=collections, acknowledged=acknowledged)


def apply_now(
    site: Site,
    showing: Showing,
    *,
    collections: tuple[str, ...] = (),
    acknowledged: tuple[str, ...] = (),
    kind: str = "apply",
) -> int:
    """Plan the files as they are now, and carry it out if the person agrees."""
    from reconciler.cli.conduct import Orders, conduct  # noqa: PLC0415 - not for --help
    from reconciler.passes.rounds import preview  # noqa: PLC0415 - as above

    orders = Orders(
        kind=kind,
        task=lambda memory, at: task_for(
            site, memory, at, collections=collections, acknowledged=acknowledged
        ),
        preview=lambda task, at: preview(site.observer(), task, at),
        go=showing.asks,
    )
    return showing.tells(conduct(site, orders))
