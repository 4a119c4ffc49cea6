"""`find`: the ids of people, groups and collections. Writes nothing to Studio."""

from __future__ import annotations

import click

from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, format_option, shared_options
from reconciler.cli.site import open_site
from reconciler.cli.terminal import tell, write_out
from reconciler.core.document import dump
from reconciler.errors import UsageError


@click.command("find")
@click.argument("text")
@format_option("text", "json")
@shared_options
@click.pass_obj
def find_command(shared: Shared, text: str, format_: str) -> int:
    r"""
    Find the ids of people, groups and collections whose name holds a text.

    People are found by their address, through Studio's search, and like groups
    and collections by what this token can see. Case does not matter.

    \b
    Examples:
      reconciler find biology
      reconciler find grace@school.edu --format json
    """
    if not text.strip():
        raise UsageError("find needs a text to look for", remedy="as in: reconciler find biology")
    from reconciler.questions import find  # noqa: PLC0415 - `--help` need not pay
    from reconciler.report.safe import printable  # noqa: PLC0415

    with open_site(shared) as site:
        hits = find.find(site.observer(), text)
        site.progress.clear()
    if format_ == "json":
        write_out(dump(find.document(hits)))
    else:
        write_out(find.render(hits))
    if not (hits.people or hits.groups or hits.collections):
        tell(printable(f"nothing that this token can see is called “{text}”"))
    for gap in hits.unreadable:
        tell(printable(f"not read: {gap}"))
    return Exit.PARTLY if hits.unreadable else Exit.DONE
