"""`explain`: why somebody has the access they have. Writes nothing to Studio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, format_option, shared_options
from reconciler.cli.site import Site, now, open_site
from reconciler.cli.tasks import task_for
from reconciler.cli.terminal import colour_wanted, tell, write_out
from reconciler.core.document import dump
from reconciler.errors import StateError

if TYPE_CHECKING:
    from reconciler.core.plan import Plan
    from reconciler.passes.draft import Draft
    from reconciler.questions.comparison import Comparison
    from reconciler.questions.explain import Explanation, LastApplied


@click.command("explain")
@click.argument("principal")
@click.argument("collection")
@format_option("text", "json")
@shared_options
@click.pass_obj
def explain_command(shared: Shared, principal: str, collection: str, format_: str) -> int:
    r"""
    Say why somebody has the access they have on a collection, or has not.

    PRINCIPAL is an address, a name, user:12 or group:12 (a bare number is a
    user); COLLECTION is a name or an id. Told are what the file asks for and on
    which line, what Studio has and since when, what a guard holds and why, and
    the change to come.

    \b
    Examples:
      reconciler explain grace@school.edu "Biology 101"
      reconciler explain group:7 4711 --format json
    """
    from reconciler.questions import explain_text  # noqa: PLC0415 - `--help` need not pay

    with open_site(shared) as site:
        told = _explain(site, principal, collection)
        site.progress.clear()
        zone = site.loaded.settings.timezone
        if format_ == "json":
            write_out(dump(explain_text.document(told, zone)))
        else:
            write_out(explain_text.render(told, zone, colour=colour_wanted()))
        return Exit.DONE if told.complete else Exit.PARTLY


def _explain(site: Site, principal: str, collection: str) -> Explanation:
    from reconciler.passes.rounds import preview  # noqa: PLC0415 - after the files are read
    from reconciler.questions.explain import explain  # noqa: PLC0415
    from reconciler.questions.subject import find_asked, find_subject  # noqa: PLC0415

    at, studio = now(), site.observer()
    memory, notices = site.glance()
    for notice in notices:
        tell(notice.message)
    task = task_for(site, memory, at)
    made = preview(studio, task, at)
    compared = comparison(site, made.draft, made.plan)
    subject = find_subject(collection, compared)
    asked = find_asked(principal, compared, studio.people)
    read = compared.observed.shares.get(subject.id or 0)
    if read is None and subject.entry is None and subject.id is not None:
        read = studio.shares((subject.id,))[0][subject.id]
    with _journal(site) as last:
        return explain(asked, subject, compared, read, now=at, last=last)


def comparison(site: Site, draft: Draft, plan: Plan) -> Comparison:
    """What a draft and its judged plan say, in the words of the questions."""
    from reconciler.questions.comparison import Comparison  # noqa: PLC0415 - as above

    return Comparison(
        declarations=site.loaded.declarations,
        observed=draft.view.observed,
        desired=draft.desired,
        plan=plan,
        who=draft.who,
    )


@contextmanager
def _journal(site: Site) -> Iterator[LastApplied]:
    """The journal, opened to look only; an empty one where there is none that can be read."""
    from reconciler.state.history import History  # noqa: PLC0415 - 0.2 s of import
    from reconciler.state.store import open_store_readonly  # noqa: PLC0415

    try:
        store = open_store_readonly(site.state_place(), tenant=site.tenant)
    except StateError:
        store = None
    if store is None:
        yield lambda _id, _who: None
        return
    with store:
        yield History(store).last_applied
