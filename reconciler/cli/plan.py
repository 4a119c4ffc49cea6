"""`plan`: observe, compare, judge, show. No object that can write is built."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli import exits
from reconciler.cli.options import Shared, shared_options
from reconciler.cli.site import Site, new_pass_id, now, open_site
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import colour_wanted, write_file, write_out
from reconciler.config.files import load
from reconciler.core.document import Header, dump, plan_document
from reconciler.core.plan import Plan
from reconciler.errors import UsageError

FORMATS = ("text", "markdown", "json", "html", "github")
EXTENSIONS = {
    ".txt": "text",
    ".md": "markdown",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
}


@click.command("plan")
@shared_options
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How to show it.")
@click.option(
    "--out",
    "outs",
    metavar="[FORMAT=]FILE",
    multiple=True,
    help="Write it to a file, in the format of its extension or the one named; repeatable.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when changes are pending.")
@click.option(
    "--collection",
    "collections",
    metavar="NAME",
    multiple=True,
    help="Only this collection; repeatable.",
)
@click.option(
    "--base",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The file before an edit: tells what the edit causes from what drifted.",
)
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

        before = load(base, environment=os.environ, sandbox=shared.sandbox) if base else None
        task = task_for(site, memory, at, collections=collections)
        studio = site.observer()
        made = preview(studio, task, at)
        plan = made.plan
        if before is not None:
            plan = with_causes(studio, task, before.declarations, made, at)
        plan = replace(plan, notices=(*told, *plan.notices))
        site.progress.clear()
        render = Renderer(site, plan, site.header(new_pass_id(at), at), shared.verbosity > 0)
        for format_name, path in files:
            write_file(path, render(format_name, colour=False))
        if format_ is not None or not files:
            write_out(render(format_ or "text", colour=colour_wanted()))
        return exits.of_plan(plan, detailed=detailed_exitcode)


class Renderer:
    """A plan in whichever format is asked for."""

    def __init__(self, site: Site, plan: Plan, header: Header, verbose: bool = False) -> None:
        self._site = site
        self._plan = plan
        self._header = header
        self._verbose = verbose

    def __call__(self, format_name: str, *, colour: bool) -> str:
        """The text of the plan. The formats are imported one by one: most runs need one."""
        plan, header = self._plan, self._header
        if format_name == "json":
            return dump(plan_document(plan, header))
        if format_name == "text":
            from reconciler.report import text  # noqa: PLC0415

            return text.render_plan(plan, header, colour=colour, verbose=self._verbose)
        return self._other(format_name)(plan, header)

    def _other(self, format_name: str) -> Callable[[Plan, Header], str]:
        from reconciler.report import github, html, markdown  # noqa: PLC0415

        if format_name == "markdown":
            return markdown.render_plan
        if format_name == "html":
            return html.render_plan
        prefix = _in_repository(self._site.loaded.folder)
        return lambda plan, header: github.render_plan(plan, header, prefix=prefix)


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
