"""An explanation for people, and for programs."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from reconciler.core.declared import Window
from reconciler.core.document import Document, instant
from reconciler.core.model import Principal
from reconciler.questions.explain import Explanation
from reconciler.questions.lines import Coming
from reconciler.report import wording
from reconciler.report.ink import Ink, Tone
from reconciler.report.safe import printable


def document(told: Explanation, zone: tzinfo) -> Document:
    """The explanation as plain data; `from` and `until` are whole days, as the file has them."""
    first, last = days(told.window, zone)
    return {
        "principal": str(told.asked),
        "who": told.who,
        "collection": told.collection,
        "collection_id": told.collection_id,
        "desired": told.desired,
        "observed": None if told.observed is None else str(told.observed),
        "since": None if told.since is None else instant(told.since.at),
        "source": None if told.source is None else told.source.short,
        "share_set": told.share_set,
        "from": None if first is None else first.isoformat(),
        "until": None if last is None else last.isoformat(),
        "hold": told.hold,
        "next": None if told.next is None else _next(told.next),
        "notes": list(told.notes),
    }


def days(window: Window, zone: tzinfo) -> tuple[date | None, date | None]:
    """The first and the last day of a window; the last one is part of it."""
    first = window.opens.astimezone(zone).date() if window.opens else None
    last = (window.closes - timedelta(seconds=1)).astimezone(zone).date() if window.closes else None
    return first, last


def _next(coming: Coming) -> Document:
    change = coming.change
    return {
        "action": change.action,
        "before": change.before,
        "permission_type": change.after,
        "at": None if coming.at is None else instant(coming.at),
    }


def render(told: Explanation, zone: tzinfo, *, colour: bool) -> str:
    """Tell it in a few lines, the reasons last."""
    ink = Ink(colour)
    lines = [ink(_title(told), Tone.TITLE), ""]
    lines += [f"  {name:<10}{printable(text)}".rstrip() for name, text in _facts(told, zone)]
    if told.notes:
        lines += ["", *(f"  {ink('·', Tone.QUIET)} {printable(note)}" for note in told.notes)]
    return "\n".join(lines) + "\n"


def _title(told: Explanation) -> str:
    known = isinstance(told.asked, Principal) and told.who != str(told.asked)
    who = f"{told.who} ({told.asked})" if known else told.who
    id = "" if told.collection_id is None else f" (id {told.collection_id})"
    return printable(f"{who} on “{told.collection}”{id}")


def _facts(told: Explanation, zone: tzinfo) -> list[tuple[str, str]]:
    line = "" if told.source is None else told.source.short
    taken = "" if told.share_set is None else f"share set “{told.share_set}”"
    facts = [
        ("desired", _beside(told.desired or "nothing", line, taken)),
        ("observed", _beside(_seen(told), _since(told))),
    ]
    first, last = days(told.window, zone)
    if window := _beside(f"from {first}" if first else "", f"until {last}" if last else ""):
        facts.append(("window", window))
    if told.hold is not None:
        facts.append(("held", told.hold))
    return [*facts, ("next", _coming(told))]


def _seen(told: Explanation) -> str:
    if told.observed is not None:
        return str(told.observed)
    return "nothing" if told.complete else "not read"


def _since(told: Explanation) -> str:
    if told.since is None:
        return ""
    return f"since {_moment(told.since.at)} (pass {told.since.pass_id})"


def _coming(told: Explanation) -> str:
    if told.next is None:
        return "no change" if told.complete else "not known"
    change, at = told.next.change, told.next.at
    when = "now due" if at is None else f"at {_moment(at)}"
    return f"{change.action} {wording.levels(change.before, change.after)}, {when}"


def _moment(when: datetime) -> str:
    return instant(when).replace("T", " ").removesuffix(":00Z").removesuffix("Z") + " UTC"


def _beside(*parts: str) -> str:
    return "  ".join(filter(None, parts))
