"""Passes on record: the last ones, all of them, and one with everything it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from reconciler.core.outcome import Outcome
from reconciler.daemon.frame import framed
from reconciler.daemon.page_words import badge, clock, moment, pass_link, table
from reconciler.questions.history import Account
from reconciler.report import wording
from reconciler.report.markup import Child, Markup, element, joined
from reconciler.state.records import ChangeRecord, CreationRecord, PassRecord

FEW = 10
MOST_ROWS = 1000
_HEADS = ("Pass", "Began", "Verdict", "Found", "By")
_COUNTS = (
    ("create", "to create"),
    ("update", "to update"),
    ("destroy", "to destroy"),
    ("held", "held"),
    ("unresolved", "unresolved"),
    ("unreadable", "unreadable"),
)


@dataclass(frozen=True, slots=True)
class Passes:
    """What the record has, the newest first; or why it cannot be read."""

    found: tuple[PassRecord, ...] = ()
    trouble: str | None = None


def last_passes(passes: Passes, at: datetime, zone: tzinfo) -> Markup:
    """The last few, in a section of the status page."""
    return element("section", element("h2", "Last passes"), _listed(passes, FEW, at, zone), _all())


def _all() -> Markup:
    return element("p", element("a", "All passes on record", href="passes"), class_="rest")


def passes_page(studio: str, passes: Passes, at: datetime, zone: tzinfo) -> str:
    """Every pass that one page has room for."""
    return framed(
        f"Passes · {studio}",
        heading("Passes on record", studio, home="."),
        element("main", _listed(passes, len(passes.found), at, zone), id="content"),
        home="",
    )


def heading(title: str, studio: str, *, home: str) -> Markup:
    """The top of a page behind the first."""
    return element(
        "header",
        element("p", element("a", "Status", href=home), f" · {studio}", class_="tenant"),
        element("h1", element("bdi", title)),
    )


def _listed(passes: Passes, most: int, at: datetime, zone: tzinfo) -> Markup:
    if passes.trouble is not None:
        return element("p", f"The record cannot be read: {passes.trouble}", class_="nothing")
    if not passes.found:
        return element("p", "No pass is on record yet.", class_="nothing")
    rows: list[tuple[Child, ...]] = [
        (
            pass_link(each.id),
            moment(each.started_at, at, zone),
            badge(each.verdict.value),
            gist(each.summary),
            each.kind,
        )
        for each in passes.found[:most]
    ]
    return table("Passes, the newest first", _HEADS, rows)


def gist(summary: Mapping[str, object]) -> str:
    """What a pass found to do; nothing where it did not get that far."""
    if not summary:
        return ""
    told = [f"{summary[key]} {words}" for key, words in _COUNTS if summary.get(key)]
    if made := summary.get("create_collection"):
        told.insert(0, wording.counted(int(str(made)), "new collection"))
    return ", ".join(told) or "nothing to do"


def pass_page(studio: str, account: Account, zone: tzinfo) -> str:
    """One pass with everything it did."""
    record = account.record
    return framed(
        f"Pass {record.id} · {studio}",
        heading(f"Pass {record.id}", studio, home=".."),
        element("main", _facts(record, zone), *_done(account), id="content"),
        home="../",
    )


def _facts(record: PassRecord, zone: tzinfo) -> Markup:
    ended: Child = "not yet" if record.finished_at is None else clock(record.finished_at, zone)
    facts: list[tuple[str, Child]] = [
        ("Verdict", badge(record.verdict.value)),
        ("Began", clock(record.started_at, zone)),
        ("Ended", ended),
        ("By", f"{record.kind}, {record.holder}"),
        ("Found", gist(record.summary) or "it did not get that far"),
        ("Commit", element("code", record.commit) if record.commit else "none"),
    ]
    pairs = (
        element("div", element("dt", name), element("dd", value), class_="fact")
        for name, value in facts
    )
    return element("dl", *pairs, class_="facts-now")


def _done(account: Account) -> tuple[Markup | None, ...]:
    return (
        _told("Held", account.holds, "detail"),
        _changes(account.record),
        _told("Warnings", account.warnings, "message"),
    )


def _changes(record: PassRecord) -> Markup:
    rows = [*map(_creation, record.creations), *map(_change, record.changes)]
    if not rows:
        return element("p", "It sent nothing to Studio.", class_="nothing")
    heads = ("Who", "Collection", "Change", "Outcome", "Line")
    shown = table("Changes", heads, rows[:MOST_ROWS])
    return element("section", element("h2", "Changes"), shown, _rest(record.id, len(rows)))


def _rest(pass_id: str, rows: int) -> Markup | None:
    if rows <= MOST_ROWS:
        return None
    command = element("code", f"reconciler show {pass_id}")
    return element("p", f"{rows - MOST_ROWS} more: ", command, class_="rest")


def _told(title: str, rows: tuple[Mapping[str, object], ...], key: str) -> Markup | None:
    if not rows:
        return None
    items = (element("li", str(each.get(key, ""))) for each in rows)
    return element("section", element("h2", title), element("ul", *items), class_="warnings")


def _change(record: ChangeRecord) -> tuple[Child, ...]:
    change = record.change
    levels = wording.levels(change.before, change.after)
    return (
        element("bdi", change.who),
        element("bdi", record.collection_name),
        f"{wording.SYMBOLS[change.action]} {change.action} {levels}",
        _ended(record.outcome),
        element("code", change.source.short),
    )


def _creation(record: CreationRecord) -> tuple[Child, ...]:
    return ("(the collection)", element("bdi", record.name), "+ create", _ended(record.outcome), "")


def _ended(outcome: Outcome | None) -> Markup:
    if outcome is None:
        return element("span", "in hand", class_="quiet")
    word = outcome.result.replace("_", " ")
    return joined(badge(word), f" {outcome.error}" if outcome.error else None)
