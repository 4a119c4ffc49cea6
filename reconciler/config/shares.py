"""Lists of shares: one line each, with the window in which it holds."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.config.dates import Date
from reconciler.config.nodes import Mapping, Node, Scalar, location
from reconciler.config.principals import Group, User
from reconciler.config.problems import Unusable
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.records import Fields, Keys, Record, optional
from reconciler.config.scalars import Text, Word, scalar
from reconciler.config.shapes import ListOf
from reconciler.config.suggest import near_miss, shown
from reconciler.core.declared import ALWAYS, DeclaredShare, Window
from reconciler.core.model import Permission

_LEVELS = {str(each): each for each in Permission}
_ONLY = "Studio gives it with the collection itself; write view or edit"
_REFUSED = {
    "owner": _ONLY,
    "manage": _ONLY,
    "none": "to take a share away, leave its line out",
}


@dataclass(frozen=True, slots=True)
class TermName:
    """The name of a term, read as its window."""

    def read(self, node: Node, reading: Reading) -> Window:
        name = scalar(node, "term", reading).text
        try:
            return reading.calendar.terms[name]
        except KeyError:
            hint = near_miss(name, reading.calendar.terms) or "; no terms are defined"
            raise reading.refuse(node.location, f"unknown term {shown(name)}{hint}") from None

    def schema(self) -> JsonSchema:
        return Text("term").schema()


class WindowKeys(Keys):
    """One entry of `terms`; a share has the same two keys."""

    from_ = optional(Date("from"), "First day, in `timezone`; without it, from ever.")
    until = optional(Date("until"), "Last day, its end included; without it, for good.")


class ShareKeys(Keys):
    """One line of a list of shares."""

    user = optional(User(), "Who: a Studio user id, or an e-mail address.")
    group = optional(Group(), "Who: a Studio group id, or a group's name.")
    permission = optional(
        Word(_LEVELS, "permission", _REFUSED),
        "How much: view or edit.",
        Permission.VIEW,
    )
    from_ = WindowKeys.from_
    until = WindowKeys.until
    term = optional(TermName(), "A name under `terms`, instead of `from` and `until`.")
    reason = optional(Text("reason"), "Why; shown wherever the change is.")


def window(fields: Fields) -> Window:
    """Read `from` and `until` as a window; it must not end before it begins."""
    first, last = fields[WindowKeys.from_], fields[WindowKeys.until]
    if first and last and last < first:
        raise fields.refuse(WindowKeys.until, f"until {last} is before from {first}")
    return fields.reading.calendar.window(first, last)


def _term(fields: Fields) -> Window:
    if not fields.node.entries:
        raise fields.reading.refuse(fields.location, "a term needs from, until, or both")
    return window(fields)


TERM = Record(WindowKeys, _term, "a term", constraints={"minProperties": 1})


def _share(fields: Fields) -> DeclaredShare:
    who = fields[ShareKeys.user] or fields[ShareKeys.group]
    if fields.has(ShareKeys.user) == fields.has(ShareKeys.group):
        both = fields.has(ShareKeys.user)
        message = "a share is with one principal: " + (
            "write user or group, not both" if both else "write user or group"
        )
        raise fields.reading.refuse(fields.location, message)
    if who is None:
        raise Unusable
    return DeclaredShare(
        who,
        fields[ShareKeys.permission],
        fields.location,
        _window(fields),
        fields[ShareKeys.reason],
    )


def _window(fields: Fields) -> Window:
    if not fields.has(ShareKeys.term):
        return window(fields)
    if fields.has(ShareKeys.from_) or fields.has(ShareKeys.until):
        message = "a term says from and until itself; write either the term or the dates"
        raise fields.refuse(ShareKeys.term, message)
    return fields[ShareKeys.term] or ALWAYS


IN_FULL = Record(
    ShareKeys,
    _share,
    "a share",
    constraints={"oneOf": [{"required": ["user"]}, {"required": ["group"]}]},
)
_UNSAID = Scalar(Permission.VIEW, plain=True)
_SHORT: MappingOf[tuple[str, ...], tuple[str, User | Group]] = {
    keys: (who, shape)
    for who, shape in (("user", User()), ("group", Group()))
    for keys in ((who,), (who, "permission"), ("permission", who))
}


@dataclass(frozen=True, slots=True)
class Line:
    """
    One share.

    Nearly all lines of a large file say who and how much, and nothing else: those
    are read without further ado, anything more or other in full.
    """

    def read(self, node: Node, reading: Reading) -> DeclaredShare:
        short = _short(node, reading) if type(node) is Mapping else None
        return short or IN_FULL.read(node, reading)

    def schema(self) -> JsonSchema:
        return IN_FULL.schema()


def _short(node: Mapping, reading: Reading) -> DeclaredShare | None:
    """Read a line of a principal and perhaps a known permission; None for any other."""
    written = node.entries
    short = _SHORT.get(tuple(written))
    level = written.get("permission", _UNSAID)
    if short is None or type(level) is not Scalar or level.text not in _LEVELS:
        return None
    who, shape = short
    principal = shape.read(written[who], reading)
    return DeclaredShare(principal, _LEVELS[level.text], location(node.mark))


@dataclass(frozen=True, slots=True)
class ShareList:
    """A list of shares in which nobody stands twice at the same time."""

    noun: str

    def read(self, node: Node, reading: Reading) -> tuple[DeclaredShare, ...]:
        shares = ListOf(Line(), self.noun).read(node, reading)
        if len({share.who.key for share in shares}) < len(shares):
            lines: dict[str, list[DeclaredShare]] = {}
            for share in shares:
                lines.setdefault(share.who.key, []).append(share)
            for same in lines.values():
                _refuse_overlaps(same, reading)
        return shares

    def schema(self) -> JsonSchema:
        return ListOf(Line(), self.noun).schema()


def _refuse_overlaps(shares: list[DeclaredShare], reading: Reading) -> None:
    """Sweep the windows by their beginning, so that a long list costs no square."""
    reach: DeclaredShare | None = None
    for share in sorted(shares, key=_opens):
        if reach is not None and _opens(share) < _closes(reach):
            first, second = sorted((reach, share), key=lambda each: each.source)
            who = first.who.id or shown(str(first.who))
            told = f"{first.who.type} {who} is listed twice for overlapping times"
            reading.problems.add(second.source, f"{told}; first at line {first.source.line}")
        if reach is None or _closes(share) > _closes(reach):
            reach = share


def _opens(share: DeclaredShare) -> datetime:
    return share.window.opens or datetime.min.replace(tzinfo=UTC)


def _closes(share: DeclaredShare) -> datetime:
    return share.window.closes or datetime.max.replace(tzinfo=UTC)
