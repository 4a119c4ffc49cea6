"""How things stand, in a word, a colour and a sentence or two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.core.plan import Plan, Summary, summarize
from reconciler.daemon.board import LastPass, Snapshot
from reconciler.report import wording
from reconciler.report.wording import counted


@dataclass(frozen=True, slots=True)
class Standing:
    """`tone` is `good`, `waiting`, `wary` or `bad`; the sign says the same without colour."""

    tone: str
    title: str
    more: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        return {"good": "✓", "waiting": "…", "wary": "!", "bad": "✗"}[self.tone]


def standing(now: Snapshot) -> Standing:
    """Say the gravest of what there is to say."""
    if now.standing_by is not None:
        told = f"{now.standing_by} has the seat of this tenant; this one takes over when it ends."
        return Standing("waiting", "Standing by", (told,))
    if now.unseated:
        told = "No daemon is known to have the seat of this tenant."
        return Standing("waiting", "Waiting for a daemon", (told,))
    if now.failure is not None:
        more = tuple(filter(None, (_sentence(now.failure.message), _sentence(now.failure.remedy))))
        return Standing("bad", "The last pass failed", more)
    if now.in_force.problems:
        return Standing("bad", "The files on disk are not valid", _gist(now.last))
    if now.last is None:
        return Standing("waiting", "The first pass is under way")
    return _after(now.last, now)


def _after(last: LastPass, now: Snapshot) -> Standing:
    if last.verdict in {"partial", "failed"}:
        return Standing("bad", "Not everything could be done", _gist(last))
    if last.left.holds:
        return Standing("wary", "Something is held for a person", _gist(last))
    if last.left.has_changes:
        return Standing("wary", "Changes are pending", (*_why_pending(now, last), *_gist(last)))
    if not _agrees(last.left):
        return Standing("wary", "Nothing to do, but not in agreement", _gist(last))
    return Standing("good", "In agreement with the file")


def _agrees(left: Plan) -> bool:
    return all(wording.agrees(each) and not each.unresolved for each in left.collections)


def _why_pending(now: Snapshot, last: LastPass) -> tuple[str, ...]:
    if now.in_force.observe:
        return ("This daemon only observes.",)
    if now.in_force.paused_until is not None:
        when = now.in_force.paused_until.astimezone(now.in_force.zone)
        return (f"Writing is paused until {when:%Y-%m-%d %H:%M %Z}.",)
    if not last.may_write:
        return ("Writing has stopped because too much failed; it is taken up again by itself.",)
    return ()


def _gist(last: LastPass | None) -> tuple[str, ...]:
    """What the last pass left, in one sentence; none where it left nothing."""
    if last is None:
        return ()
    left = summarize(last.left)
    parts = list(_pending(left))
    if left.unreadable:
        parts.append(f"{counted(left.unreadable, 'collection')} unreadable")
    if left.unresolved:
        parts.append(f"{counted(left.unresolved, 'name')} unresolved")
    return (f"{', '.join(parts)}.",) if parts else ()


def _pending(left: Summary) -> Iterator[str]:
    changes = left.create + left.update + left.destroy
    if left.create_collection:
        yield f"{counted(left.create_collection, 'collection')} to create"
    if changes:
        held = f" ({left.held} held)" if left.held else ""
        yield f"{counted(changes, 'change')} pending{held}"


def _sentence(text: str | None) -> str | None:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else None
