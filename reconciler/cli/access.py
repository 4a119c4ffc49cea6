"""`access`: who can see what. Writes nothing to Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, format_option, shared_options
from reconciler.cli.site import Site, now, open_site
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import colour_wanted, tell, write_out
from reconciler.core.document import dump
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.questions.access import Access
    from reconciler.questions.comparison import Comparison


@click.command("access")
@click.option("--user", metavar="WHO", help="Only this person: an address, a name or an id.")
@click.option("--group", metavar="WHO", help="Only through this group: a name or an id.")
@click.option(
    "--collection",
    "collections",
    metavar="NAME",
    multiple=True,
    help="Only this collection, by name or id; repeatable.",
)
@click.option(
    "--in-file",
    is_flag=True,
    help="With --user: the lines of the file that name them, to delete when they have left.",
)
@format_option("text", "csv", "json", "html")
@shared_options
@click.pass_obj
def access_command(  # noqa: PLR0917 - click hands over one argument an option
    shared: Shared,
    user: str | None,
    group: str | None,
    collections: tuple[str, ...],
    in_file: bool,
    format_: str,
) -> int:
    r"""
    Show who can see what: all that people share, or what the options narrow it to.

    Groups are unfolded into their people where this token may read them, and
    owners are listed too. It shows what this token can see: a read that was only
    partial is told, and exits 5.

    \b
    Examples:
      reconciler access --collection "Biology 101"
      reconciler access --format csv > access.csv
      reconciler access --user sam@school.edu --in-file
    """
    if in_file:
        return _lines(shared, user, format_, narrowed=bool(group or collections))
    with open_site(shared) as site:
        access = _access(site, user, group, collections)
        site.progress.clear()
        write_out(_rendered(site, access, format_))
    return _told(access, format_)


def _access(
    site: Site, user: str | None, group: str | None, collections: tuple[str, ...]
) -> Access:
    from reconciler.questions.access_reading import Filters, read_access  # noqa: PLC0415

    filters = Filters(user, group, collections)
    return read_access(site.observer(), _compared(site), filters, site.progress)


def _compared(site: Site) -> Comparison:
    """The file beside the tenant; what is remembered decides nothing that is shown here."""
    from reconciler.cli.explain import comparison  # noqa: PLC0415 - after the files are read
    from reconciler.passes.draft import draft, look  # noqa: PLC0415

    studio, at = site.observer(), now()
    memory, _ = site.glance()
    task = task_for(site, memory, at)
    made = draft(studio, task, look(studio, task), task.entries, at)
    return comparison(site, made, made.plan)


def _rendered(site: Site, access: Access, format_: str) -> str:
    from reconciler.questions import access_page, access_text  # noqa: PLC0415

    if format_ == "json":
        return dump(access_text.document(access))
    if format_ == "csv":
        return access_text.table(access_text.COLUMNS, map(access_text.record, access.rows))
    if format_ == "html":
        return access_page.render(access, site.url, now())
    return access_text.render(access, colour=colour_wanted())


def _told(access: Access, format_: str) -> int:
    """Tell what the answer rests on, beside the result."""
    from reconciler.questions.access_text import AS_SEEN  # noqa: PLC0415
    from reconciler.report.safe import printable  # noqa: PLC0415

    if format_ in {"csv", "json"}:
        tell(AS_SEEN)
    for gap in access.unreadable:
        tell(printable(f"not read: {gap}"))
    return Exit.DONE if access.complete else Exit.PARTLY


def _lines(shared: Shared, user: str | None, format_: str, *, narrowed: bool) -> int:
    """Show the lines of the file that name somebody."""
    from reconciler.questions import access_text  # noqa: PLC0415 - `--help` need not pay
    from reconciler.questions.mentions import mentions  # noqa: PLC0415
    from reconciler.questions.subject import find_asked  # noqa: PLC0415

    if user is None or narrowed:
        raise UsageError("--in-file needs --user, and neither --group nor --collection")
    if format_ == "html":
        raise UsageError("--in-file has no HTML page", remedy="use --format text, csv or json")
    with open_site(shared) as site:
        compared = _compared(site)
        asked = find_asked(user, compared, site.observer().people)
        found = mentions(asked, compared, site.loaded.settings.limits.protect)
        site.progress.clear()
    records = [access_text.mention_record(each) for each in found]
    if format_ == "json":
        write_out(dump({"lines": records}))
    elif format_ == "csv":
        write_out(access_text.table(access_text.MENTION_COLUMNS, records))
    else:
        write_out(access_text.render_mentions(found, colour=colour_wanted()))
    return Exit.DONE
