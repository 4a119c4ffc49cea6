"""The status page: how things stand, what waits for a person, what is next, what was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from reconciler.core.plan import Summary, summarize
from reconciler.daemon.board import InForce, LastPass, Snapshot
from reconciler.daemon.extent import Extent
from reconciler.daemon.frame import framed
from reconciler.daemon.page_collections import agreeing, pending
from reconciler.daemon.page_passes import Passes, last_passes
from reconciler.daemon.page_waiting import ending_soon, holds, troubles, warnings
from reconciler.daemon.page_words import clock, moment, pass_link
from reconciler.daemon.recorded import sentence_on_record
from reconciler.daemon.standing import Standing, standing
from reconciler.report.html_parts import tiles
from reconciler.report.markup import Child, Markup, element, joined
from reconciler.report.wording import counted

REFRESH = 60
_COMMIT_TOLD = 12


def status_page(now: Snapshot, passes: Passes, at: datetime, *, above: str | None = None) -> str:
    """Show the snapshot, and the last passes on record; `above` leads to all tenants."""
    last = now.still_last
    return framed(
        f"{standing(now).title} · {now.in_force.studio}",
        _masthead(now, at, above),
        element(
            "main",
            _problems(now.in_force),
            *(_findings(last) if last is not None else ()),
            ending_soon(last.left.expiring, at, now.in_force.zone) if last else None,
            last_passes(passes, at, now.in_force.zone),
            agreeing(last.left) if last is not None else None,
            id="content",
        ),
        home="",
        refresh=REFRESH,
    )


def _findings(last: LastPass) -> tuple[Markup | None, ...]:
    return (
        holds(last),
        troubles(last),
        warnings(last.left),
        pending(last.left),
    )


def _masthead(now: Snapshot, at: datetime, above: str | None) -> Markup:
    told, last = standing(now), now.still_last
    way = None if above is None else joined(element("a", "All tenants", href=above), " · ")
    return element(
        "header",
        element("p", way, now.in_force.studio, class_="tenant"),
        element("h1", "Studio permissions"),
        light(told),
        *(element("p", each, class_="verdict") for each in told.more),
        _on_record(now, at),
        _facts(now, at),
        _counts(summarize(last.left)) if last is not None else None,
    )


def light(told: Standing) -> Markup:
    """How things stand, in a word and a colour."""
    return element(
        "p",
        element("span", told.sign, class_="light", aria_hidden="true"),
        element("strong", told.title),
        class_=f"standing-now {told.tone}",
        role="status",
    )


def _on_record(now: Snapshot, at: datetime) -> Markup | None:
    if (recalled := now.recalled) is None:
        return None
    began = moment(recalled.record.started_at, at, now.in_force.zone)
    told = sentence_on_record(recalled)
    return element("p", "Its last pass on record, ", began, f": {told}.", class_="verdict")


def _facts(now: Snapshot, at: datetime) -> Markup:
    zone = now.in_force.zone
    last = now.still_last
    facts: list[tuple[str, Child]] = [
        *_passes(now, at),
        ("Next pass", _next(now, at)),
        ("File", _file(now.in_force)),
        ("Mode", _mode(now.in_force)),
        ("Daemon", joined(now.holder, ", since ", clock(now.since, zone))),
    ]
    if now.token_expires is not None:
        facts.append(("Token expires", moment(now.token_expires, at, zone)))
    if last is not None and last.extent is not None and not last.extent.is_whole:
        facts.append(("Read", _read(last.extent, at, zone)))
    pairs = (
        element("div", element("dt", name), element("dd", value), class_="fact")
        for name, value in facts
    )
    return element("dl", *pairs, class_="facts-now")


def _passes(now: Snapshot, at: datetime) -> Iterator[tuple[str, Child]]:
    zone, last = now.in_force.zone, now.last
    if (recalled := now.recalled) is not None:
        # When one last succeeded is not known here: others have passed since this daemon did.
        began = moment(recalled.record.started_at, at, zone)
        yield "Last pass", joined(began, " · ", pass_link(recalled.record.id))
        return
    began = moment(now.last_attempt, at, zone)
    yield "Last pass", began if last is None else joined(began, " · ", pass_link(last.header.id))
    yield "Last success", moment(now.last_success, at, zone)


def _read(extent: Extent, at: datetime, zone: tzinfo) -> Markup:
    """How much of the file the last pass read, and since when the rest is known to agree."""
    told = f"{extent.collections} of {counted(extent.of, 'collection')}; the others agreed when "
    return joined(told, "last read, at the earliest ", moment(extent.since, at, zone))


def _next(now: Snapshot, at: datetime) -> Child:
    if now.next_due is None:
        return "not while standing by" if now.standing_by is not None else "at no set time"
    return "now" if now.next_due <= at else moment(now.next_due, at, now.in_force.zone)


def _file(in_force: InForce) -> Markup:
    commit = in_force.commit
    at = () if commit is None else (" at ", element("code", commit[:_COMMIT_TOLD]))
    return joined(element("bdi", in_force.path), *at)


def _mode(in_force: InForce) -> str:
    return f"{in_force.mode}, told not to write" if in_force.observe else in_force.mode


def _counts(summary: Summary) -> Markup:
    return tiles(
        ("create", "to create", summary.create + summary.create_collection),
        ("update", "to update", summary.update),
        ("destroy", "to destroy", summary.destroy),
        ("held", "of them held", summary.held),
        ("destroy", "unreadable", summary.unreadable),
        ("update", "unresolved", summary.unresolved),
    )


def _problems(in_force: InForce) -> Markup | None:
    if not in_force.problems:
        return None
    return element(
        "section",
        element("h2", "The files on disk are not valid"),
        element("p", "The last good ones stay in force until this is seen to:", class_="lead"),
        element("ul", *(element("li", element("code", each)) for each in in_force.problems)),
        class_="warnings broken",
    )
