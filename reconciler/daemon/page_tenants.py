"""The overview of many tenants: how each of them stands, the bad ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from reconciler.daemon.board import SUCCESSES, Seat, Snapshot
from reconciler.daemon.frame import framed
from reconciler.daemon.page import REFRESH, light
from reconciler.daemon.page_words import badge, clock, distance, moment, search_form, table
from reconciler.daemon.recorded import Left, left_on_record, standing_on_record
from reconciler.daemon.standing import Standing
from reconciler.daemon.tenants import Broken, Gist, Roster, Tenant
from reconciler.report.html_parts import tiles
from reconciler.report.markup import Child, Markup, element, joined
from reconciler.report.wording import counted

MOST_ROWS = 1000
"""Rows of one page; the filter finds the others."""

MOST_PROBLEMS = 5
"""Problems of one file; `reconciler validate` tells them all."""

_TONES = ("bad", "wary", "waiting", "good")
_HEADS = ("Tenant", "Standing", "Seat", "Last pass", "Pending", "Held", "Next")
_FOR_MACHINES = ("metrics", "api/v1/status", "healthz", "readyz")


@dataclass(frozen=True, slots=True)
class _Row:
    tenant: Tenant
    now: Snapshot
    gist: Gist
    standing: Standing

    @property
    def rank(self) -> tuple[bool, int, str]:
        """The bad ones first; last those that another daemon has, and nobody has to see to."""
        is_elsewhere = self.now.seat is Seat.ELSEWHERE
        is_last = is_elsewhere and self.standing.tone == "waiting"
        return is_last, _TONES.index(self.standing.tone), self.tenant.name

    @property
    def seat(self) -> str:
        if self.now.seat is Seat.HERE:
            return "this daemon"
        return self.now.standing_by or "nobody"

    @property
    def left(self) -> Gist | Left | None:
        """What its last pass left, elsewhere by the record; None where nothing tells."""
        if self.now.seat is Seat.HERE:
            return self.gist
        return None if self.now.recalled is None else left_on_record(self.now.recalled)

    @property
    def held(self) -> int:
        """How many changes are held, as far as is known."""
        return 0 if self.left is None else self.left.held

    def holds(self, query: str) -> bool:
        """Whether anything that tells it apart holds the text, whatever the case."""
        told = (self.tenant.name, self.standing.title, self.seat)
        return any(query in each.casefold() for each in told)


def overview(roster: Roster, query: str, at: datetime) -> str:
    """All tenants whose name, standing or seat holds the query."""
    rows = sorted((_row(each) for each in roster.tenants.values()), key=lambda row: row.rank)
    shown = [row for row in rows if row.holds(query.casefold())]
    whole = _whole(rows, roster.broken)
    return framed(
        f"{whole.title} · {counted(len(rows), 'tenant')}",
        _masthead(rows, roster.broken, whole),
        element(
            "main",
            _broken(roster.broken),
            search_form("Name, standing or seat holds", query) if rows else None,
            _table(shown, at) if rows else None,
            id="content",
        ),
        home="",
        refresh=REFRESH,
        machines=_FOR_MACHINES,
    )


def _row(tenant: Tenant) -> _Row:
    now = tenant.now
    gist = tenant.gist(now)
    return _Row(tenant, now, gist, _standing(tenant, now, gist.standing))


def _standing(tenant: Tenant, now: Snapshot, alone: Standing) -> Standing:
    """What is to be said of one among many, before what its own page says of it `alone`."""
    if tenant.is_stuck:
        return _stuck(tenant)
    if now.seat is Seat.HERE:
        return alone
    where = "On another daemon" if now.seat is Seat.ELSEWHERE else alone.title
    trouble = None if now.recalled is None else standing_on_record(now.recalled)
    if trouble is None:
        return Standing("waiting", where)
    return Standing(trouble.tone, f"{where}: {trouble.title}")


def _stuck(tenant: Tenant) -> Standing:
    ago = distance(timedelta(seconds=-tenant.view.heartbeat.age()))
    return Standing("bad", f"Stuck: its last progress was {ago}")


def _whole(rows: Sequence[_Row], broken: Sequence[Broken]) -> Standing:
    """How things stand for all of them, by the gravest."""
    tones = Counter(row.standing.tone for row in rows)
    if trouble := tones["bad"] + len(broken):
        return Standing("bad", f"{counted(trouble, 'tenant')} in trouble")
    if tones["wary"]:
        return Standing("wary", f"{counted(tones['wary'], 'tenant')} to look at")
    if not tones["good"]:
        return Standing("waiting", "Nothing has been done here yet")
    return Standing("good", "All that sit here are in agreement with their files")


def _masthead(rows: Sequence[_Row], broken: Sequence[Broken], whole: Standing) -> Markup:
    tones = Counter(row.standing.tone for row in rows)
    seats = Counter(row.now.seat for row in rows)
    return element(
        "header",
        _whose(rows),
        element("h1", "Studio permissions"),
        light(whole),
        element("p", _seats(seats), class_="verdict") if rows else None,
        tiles(
            ("all", "tenants", len(rows) + len(broken)),
            ("destroy", "in trouble", tones["bad"] + len(broken)),
            ("update", "to look at", tones["wary"]),
            ("held", "changes held", sum(row.held for row in rows)),
            ("update", "without a daemon", seats[Seat.NOBODY]),
            ("create", "in agreement", tones["good"]),
        ),
    )


def _whose(rows: Sequence[_Row]) -> Markup:
    if not rows:
        return element("p", "All tenants", class_="tenant")
    now = rows[0].now
    since = clock(min(row.now.since for row in rows), now.in_force.zone)
    return element("p", f"All tenants of {now.holder}, since ", since, class_="tenant")


def _seats(seats: Counter[Seat]) -> str:
    told = f"{seats[Seat.HERE]} sit here, {seats[Seat.ELSEWHERE]} on other daemons"
    return f"{told}, {seats[Seat.NOBODY]} nowhere." if seats[Seat.NOBODY] else f"{told}."


def _broken(broken: Sequence[Broken]) -> Markup | None:
    if not broken:
        return None
    return element(
        "section",
        element("h2", f"Not valid: {counted(len(broken), 'file')}"),
        element("p", "Nothing is done for these until they are seen to:", class_="lead"),
        element("ul", *map(_file, broken)),
        class_="warnings broken",
    )


def _file(broken: Broken) -> Markup:
    told = broken.problems[:MOST_PROBLEMS]
    rest = len(broken.problems) - len(told)
    lines = [element("div", element("code", each)) for each in told]
    more = element("div", f"and {rest} more") if rest else None
    return element("li", element("bdi", broken.file), *lines, more)


def _table(rows: Sequence[_Row], at: datetime) -> Markup:
    if not rows:
        return element("p", "No such tenant.", class_="nothing")
    shown = table("Tenants, the bad ones first", _HEADS, [_cells(r, at) for r in rows[:MOST_ROWS]])
    rest = len(rows) - MOST_ROWS
    more = element("p", f"and {rest} more; search for them", class_="rest") if rest > 0 else None
    return element("div", shown, more, class_="tenants")


def _cells(row: _Row, at: datetime) -> tuple[Child, ...]:
    now, left = row.now, row.left
    return (
        element("a", element("bdi", row.tenant.name), href=f"t/{quote(row.tenant.name, safe='')}/"),
        _tone(row.standing),
        element("bdi", row.seat, class_="quiet"),
        _last_pass(now, at),
        "" if left is None else _number(left.pending),
        "" if left is None else _number(left.held),
        _next(now, at) if now.seat is Seat.HERE else "",
    )


def _last_pass(now: Snapshot, at: datetime) -> Child:
    if now.seat is Seat.HERE:
        return moment(now.last_attempt, at, now.in_force.zone)
    if now.recalled is None:
        return ""
    record = now.recalled.record
    began = moment(record.started_at, at, now.in_force.zone)
    if record.verdict in SUCCESSES:
        return began
    return joined(began, " ", badge(record.verdict.value))


def _tone(standing: Standing) -> Markup:
    sign = element("span", standing.sign, class_="mark", aria_hidden="true")
    return element("span", sign, standing.title, class_=f"tone {standing.tone}")


def _number(number: int) -> Markup:
    return element("span", f"{number:,}", class_="" if number else "quiet")


def _next(now: Snapshot, at: datetime) -> Child:
    if now.next_due is None:
        return ""
    return "now" if now.next_due <= at else moment(now.next_due, at, now.in_force.zone)
