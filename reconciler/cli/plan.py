"""`plan`: observe, compare, judge, show. No object that can write is built."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import click

from reconciler.cli import exits
from reconciler.cli.options import Shared, collections_option, shared_options
from reconciler.cli.site import Site, new_pass_id, now, open_site
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import colour_wanted, write_file, write_out
from reconciler.cli.unfolding import whom_it_reaches
from reconciler.config.files import Loaded, gather, interpret
from reconciler.core.document import Header, dump, plan_document
from reconciler.core.plan import Plan
from reconciler.core.reach import Reach
from reconciler.errors import UsageError

FORMATS = ("text", "markdown", "json", "html", "github")
TELLING_PEOPLE = {"text", "markdown", "html"}
"""The formats that say whose access changes: only these are worth reading groups for."""
EXTENSIONS = {
    ".txt": "text",
    ".md": "markdown",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
}


@click.command("plan")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How to show it.")
@click.option(
    "--out",
    "outs",
    metavar="[FORMAT=]FILE",
    multiple=True,
    help="Write it to a file, in the format of its extension or the one named; repeatable.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when changes are pending.")
@collections_option
@click.option(
    "--base",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The file before an edit: tells what the edit causes from what drifted.",
)
@shared_options
@click.pass_obj
def plan_command(  # noqa: PLR0917 - one parameter an option
    shared: Shared,
    format_: str | None,
    outs: tuple[str, ...],
    detailed_exitcode: bool,
    collections: tuple[str, ...],
    base: Path | None,
) -> int:
    r"""
    Show what would be done, and why; write nothing.

    \b
    Examples:
      reconciler plan
      reconciler plan --out plan.json --out markdown=comment.md
      reconciler plan --collection "Biology 101" --detailed-exitcode
      git show main:config.yaml > before.yaml && reconciler plan --base before.yaml
    """
    files = [_target(out) for out in outs]
    with open_site(shared) as site:
        at = now()
        memory, told = site.glance()
        from reconciler.passes.causes import with_causes  # noqa: PLC0415 - after the files
        from reconciler.passes.rounds import preview  # noqa: PLC0415 - as above

        before = _before(base, shared) if base else None
        task = task_for(site, memory, at, collections=collections)
        studio = site.observer()
        made = preview(studio, task, at)
        plan = made.plan
        if before is not None:
            plan = with_causes(studio, task, before.declarations, made, at)
        plan = replace(plan, notices=(*told, *plan.notices))
        shown = format_ if format_ is not None or files else "text"
        telling = TELLING_PEOPLE.intersection([shown, *(name for name, _ in files)])
        reach = whom_it_reaches(site, studio, made.draft, plan) if telling else None
        site.progress.clear()
        render = Renderer(
            site=site,
            plan=plan,
            header=site.header(new_pass_id(at), at),
            reach=reach,
            verbose=shared.verbosity > 0,
        )
        for format_name, path in files:
            write_file(path, render(format_name, colour=False))
        if shown is not None:
            write_out(render(shown, colour=colour_wanted()))
        return exits.of_plan(plan, detailed=detailed_exitcode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """A plan in whichever format is asked for."""

    site: Site
    plan: Plan
    header: Header
    reach: Reach | None
    verbose: bool

    def __call__(self, format_name: str, *, colour: bool) -> str:
        """The text of the plan. The formats are imported one by one: most runs need one."""
        plan, header, reach = self.plan, self.header, self.reach
        if format_name == "json":
            return dump(plan_document(plan, header))
        if format_name == "text":
            from reconciler.report import text  # noqa: PLC0415

            return text.render_plan(plan, header, colour=colour, verbose=self.verbose, reach=reach)
        from reconciler.report import github, html, markdown  # noqa: PLC0415

        if format_name == "markdown":
            return markdown.render_plan(plan, header, reach=reach)
        if format_name == "html":
            return html.render_plan(plan, header, reach=reach)
        return github.render_plan(plan, header, prefix=_in_repository(self.site.loaded.folder))


def _before(base: Path, shared: Shared) -> Loaded:
    """Read the file before an edit: only told of, so that nobody need have signed it."""
    return interpret(gather(base), environment=os.environ, sandbox=shared.sandbox)


def _in_repository(folder: Path) -> str:
    """Where a folder is in its git checkout, for annotations; nothing outside of one."""
    root = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
    inside = folder.relative_to(root).as_posix()
    return "" if inside == "." else f"{inside}/"


def _target(out: str) -> tuple[str, Path]:
    """The format and the path of one `--out`."""
    named, separator, path = out.partition("=")
    if separator and named in FORMATS:
        if not Path(path).name:
            raise UsageError(f"--out {out}: this names no file")
        return named, Path(path)
    by_extension = EXTENSIONS.get(Path(out).suffix.lower())
    if by_extension is None:
        raise UsageError(
            f"--out {out}: the extension tells no format",
            remedy=f"name one, as in --out markdown={out} (formats: {', '.join(FORMATS)})",
        )
    return by_extension, Path(out)
