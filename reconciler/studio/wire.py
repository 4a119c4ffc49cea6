"""
JSON to nouns and back. Pure, and never surprised.

A row that cannot be understood is never dropped without a word: it becomes a
gap, and what has a gap is not evidence of absence. A permission word we do not
know becomes `Foreign`. Fields we do not know are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from reconciler.core.model import Foreign, Level, Permission, Principal, PrincipalType
from reconciler.core.observed import Kind, LiveCollection, Person, Shares, Sightings, Unreadable
from reconciler.core.plan import Change
from reconciler.studio.options import PermissionsBody

LARGEST_ID = 2**63 - 1
WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
GAPS_TOLD = 3
UNTOLD = Foreign("unknown")
PERMISSIONS = {permission.value: permission for permission in Permission}
KINDS = {kind.value: kind for kind in Kind}


class NotUnderstood(ValueError):
    """A part of an answer that is not what the service documents; says what is wrong."""


def shares(document: object) -> tuple[Shares | Unreadable, Sightings]:
    """
    Read a permission list, and the people and groups it shows.

    A list that is missing, a row without an id and a principal listed at two
    levels leave a gap; without both lists nothing was read at all.
    """
    if not isinstance(document, dict) or not document.keys() & {"users", "groups"}:
        return Unreadable("the answer is no permission list"), Sightings()
    reading = _Reading()
    for row in reading.rows(document, "users"):
        reading.user(row)
    for row in reading.rows(document, "groups"):
        reading.group(row)
    return Shares(reading.levels, one_gap(reading.gaps)), Sightings(reading.people, reading.groups)


def one_gap(gaps: Sequence[str]) -> str | None:
    """The reasons why something is not whole, in one line; None where there are none."""
    if len(gaps) > GAPS_TOLD:
        gaps = [*gaps[:GAPS_TOLD], f"and {len(gaps) - GAPS_TOLD} more of the kind"]
    return "; ".join(gaps) or None


class _Reading:
    """One permission list being read: what is understood so far, and what is not."""

    def __init__(self) -> None:
        self.levels: dict[Principal, Level] = {}
        self.people: dict[int, Person] = {}
        self.groups: dict[int, str | None] = {}
        self.gaps: list[str] = []

    def rows(self, document: Mapping[str, object], key: str) -> Sequence[object]:
        rows = document.get(key)
        if isinstance(rows, list):
            return rows
        self.gaps.append(f'the answer has no list "{key}"')
        return ()

    def user(self, row: object) -> None:
        try:
            told = fields(row)
            seen = _person(told)
        except NotUnderstood as error:
            self.gaps.append(f"a user that cannot be understood: {error}")
            return
        self.people[seen.id] = seen
        self._share(Principal(PrincipalType.USER, seen.id), level(told))

    def group(self, row: object) -> None:
        try:
            told = fields(row)
            id = identity(told)
        except NotUnderstood as error:
            self.gaps.append(f"a group that cannot be understood: {error}")
            return
        self.groups[id] = text(told, "name")
        self._share(Principal(PrincipalType.GROUP, id), level(told))

    def _share(self, principal: Principal, told: Level | None) -> None:
        if told is None:
            self.gaps.append(f"{principal} is listed without a permission")
            told = UNTOLD
        listed = self.levels.setdefault(principal, told)
        if listed is not told and listed != told:
            # Neither is known to be the one in force: a word we never write.
            self.gaps.append(f"{principal} is listed as {listed} and as {told}")
            self.levels[principal] = Foreign(f"{listed}, {told}")


def collection(row: object) -> tuple[LiveCollection, Person | None]:
    """Read one collection and its owner, if it tells one; raises NotUnderstood."""
    told = fields(row)
    id = identity(told)
    if not isinstance(told.get("name", UNTOLD), str | None):
        raise NotUnderstood(f"collection {id} tells no name")
    owner = None if told.get("owner") is None else person(told["owner"])
    kind = told.get("type")
    live = LiveCollection(
        id=id,
        name=text(told, "name"),
        kind=KINDS.get(kind, Kind.ORDINARY) if isinstance(kind, str) else Kind.ORDINARY,
        owner_id=None if owner is None else owner.id,
        level=level(told),
        archived=bool(told.get("archived_at")),
    )
    return live, owner


def one_collection(document: object) -> tuple[LiveCollection, Person | None]:
    """Read `{"collection": {…}}`; raises NotUnderstood."""
    if not isinstance(document, dict) or "collection" not in document:
        raise NotUnderstood("the answer holds no collection")
    return collection(document["collection"])


def person(row: object) -> Person:
    """Read one user; the address may be missing. Raises NotUnderstood."""
    return _person(fields(row))


def _person(told: Mapping[str, object]) -> Person:
    id = identity(told)
    return Person(id, text(told, "full_name") or text(told, "display_name"), text(told, "email"))


def identity(told: Mapping[str, object]) -> int:
    """The id that a row tells, a whole number above 0; raises NotUnderstood."""
    number = whole_number(told.get("id"))
    if number is None or not 0 < number <= LARGEST_ID:
        raise NotUnderstood("no whole number as id")
    return number


def fields(row: object) -> Mapping[str, object]:
    """What the row tells, under the service's names; raises NotUnderstood."""
    if isinstance(row, dict):
        return row
    raise NotUnderstood(f"{type(row).__name__} where an object should be")


def whole_number(value: object) -> int | None:
    """
    A number, or a string of its digits as some services write it.

    JSON's true is a number to Python; it is none here.
    """
    if type(value) is int:
        return value
    return int(value) if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value) else None


def text(told: Mapping[str, object], key: str) -> str | None:
    """A field's text; None where it is missing, empty or no text."""
    value = told.get(key)
    if not isinstance(value, str) or not value:
        return None
    # Half a surrogate pair is legal JSON and can be written nowhere.
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")


def level(told: Mapping[str, object]) -> Level | None:
    """The permission that a row tells; None where it names none."""
    word = told.get("permission")
    if not isinstance(word, str) or not word:
        return None
    known = PERMISSIONS.get(word)
    return known if known is not None else Foreign(text(told, "permission") or word)


def actions(changes: Iterable[Change], body: PermissionsBody) -> object:
    """The body of a batch: one action a change, in the order given."""
    batch = [_action(change) for change in changes]
    return {"permissions": batch} if body is PermissionsBody.WRAPPED else batch


def _action(change: Change) -> dict[str, object]:
    action: dict[str, object] = {
        "action": change.action.value,
        "id": change.principal.id,
        "share_type": change.principal.type.value,
    }
    if change.after is not None:
        action["permission_type"] = change.after.value
    return action
