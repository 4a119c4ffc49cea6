"""`undo`: plan the way back from a recorded pass, show, ask, carry out."""

from __future__ import annotations

import click

from reconciler.cli.options import (
    Shared,
    acknowledge_option,
    format_option,
    shared_options,
    yes_option,
)
from reconciler.cli.site import open_site
from reconciler.cli.terminal import is_interactive
from reconciler.errors import UsageError


@click.command("undo")
@click.argument("pass_id", metavar="PASS")
@yes_option
@acknowledge_option
@format_option("text", "json", help="How to show what was done.")
@shared_options
@click.pass_obj
def undo_command(
    shared: Shared, pass_id: str, yes: bool, acknowledged: tuple[str, ...], format_: str
) -> int:
    r"""
    Take back what one pass did: plan the way back, show, ask, and carry it out.

    PASS is an id that `history` lists, or the beginning of one. What somebody
    changed since is left alone, and no collection is deleted. The guards judge
    this plan like any other. Where the file asks otherwise the next pass brings
    a change back: that is told before you are asked, so change the file first.

    \b
    Examples:
      reconciler undo 01JD3K6
      reconciler undo 01JD3K6 --yes --acknowledge 7c1f0a9e
    """
    if not yes and not is_interactive():
        raise UsageError(
            "there is no terminal to ask on",
            remedy="look at `reconciler show PASS`, then add --yes",
        )
    from reconciler.cli.showing import Showing  # noqa: PLC0415 - not for --help
    from reconciler.cli.wayback import take_back  # noqa: PLC0415 - as above

    with open_site(shared) as site:
        showing = Showing(site, yes=yes, json=format_ == "json", verbose=shared.verbosity > 0)
        return take_back(site, pass_id, showing, acknowledged)
