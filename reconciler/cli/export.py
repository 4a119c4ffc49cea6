"""`export`: the live tenant as a file that plans to nothing. Writes nothing to Studio."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, collections_option, shared_options
from reconciler.cli.site import Site, open_site
from reconciler.cli.terminal import tell, write_out
from reconciler.errors import ReconcilerError, UsageError

if TYPE_CHECKING:
    from reconciler.questions.export import Export
    from reconciler.questions.selection import Selection
    from reconciler.questions.survey import Survey


@click.command("export")
@click.option("--owner", metavar="WHO", help="Only the collections of this owner: address or id.")
@collections_option
@click.option("--all", "all_", is_flag=True, help="Every collection in sight.  [default]")
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it there; a file that is there already is never overwritten.",
)
@shared_options
@click.pass_obj
def export_command(
    shared: Shared,
    owner: str | None,
    collections: tuple[str, ...],
    all_: bool,
    target: Path | None,
) -> int:
    r"""
    Write the live collections and shares as a complete file that plans to nothing.

    The file takes `studio` from the one given with -c, has the mode
    authoritative, and pins every collection by its id. My Library, course and
    archived collections are left out; what cannot be read is a comment, and
    the exit status then 5.

    \b
    Examples:
      reconciler export -o tenant.yaml && reconciler -c tenant.yaml plan
      reconciler export --owner ada@school.edu
      reconciler export --collection "Biology 101" --collection "Chemistry Lab"
    """
    if all_ and (owner is not None or collections):
        raise UsageError("--all is everything; leave it out, or leave out --owner and --collection")
    if target is not None and target.exists():
        raise _there_already(target)
    with open_site(shared) as site:
        text, gaps = _export(site, owner, collections, target)
    if target is None:
        write_out(text)
    else:
        _write_new(target, text)
        again = f"reconciler {'--sandbox ' if shared.sandbox else ''}-c {target} plan"
        tell(f"wrote {target}: `{again}` has nothing to do on it")
    for gap in gaps:
        tell(f"not read: {gap}")
    return Exit.PARTLY if gaps else Exit.DONE


def _export(
    site: Site, owner: str | None, collections: tuple[str, ...], target: Path | None
) -> tuple[str, list[str]]:
    """The file's text, and what could not be read for it."""
    from reconciler.questions.carried import carry  # noqa: PLC0415 - after the files are read
    from reconciler.questions.export import export  # noqa: PLC0415
    from reconciler.questions.export_text import About, render  # noqa: PLC0415
    from reconciler.questions.selection import select  # noqa: PLC0415
    from reconciler.questions.survey import look, share_gaps, with_shares  # noqa: PLC0415
    from reconciler.report.safe import printable  # noqa: PLC0415

    studio, settings = site.observer(), site.loaded.settings.studio
    first = look(studio, me=settings.me if settings is not None else None)
    chosen = select(studio, first, site.loaded.declarations, owner=owner, names=collections)
    seen = with_shares(studio, chosen.seen, chosen.ids)
    site.progress.clear()
    exported = export(seen)
    about = About(studio=site.url, missing=tuple(_missing(exported, chosen, seen)))
    text = render(exported, carry(site.loaded.path, target, os.environ), about)
    gaps = (*seen.listing_gaps, *share_gaps(seen, chosen.ids))
    return text, [printable(str(gap)) for gap in gaps]


def _missing(exported: Export, chosen: Selection, seen: Survey) -> Iterator[str]:
    """What the file does not have, for its head."""
    if chosen.left_out is not None:
        yield f"Left out: {chosen.left_out}."
    if exported.unread:
        yield f"Not read, and so only told below: {len(exported.unread)}."
    yield from (f"Collections may be missing: {gap}." for gap in seen.listing_gaps)


def _write_new(target: Path, text: str) -> None:
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _there_already(target) from None
    except OSError as error:
        raise ReconcilerError(f"{target} could not be written: {error.strerror}") from error


def _there_already(target: Path) -> ReconcilerError:
    return ReconcilerError(
        f"{target} is there already, and export never overwrites",
        remedy="choose another place with -o FILE, or leave -o out to see the file",
    )
