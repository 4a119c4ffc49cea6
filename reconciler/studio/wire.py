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
    if not isinstance(document, Mapping) or not document.keys() & {"users", "groups"}:
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
            seen = person(row)
        except NotUnderstood as error:
            self.gaps.append(f"a user that cannot be understood: {error}")
            return
        self.people[seen.id] = seen
        self._share(Principal(PrincipalType.USER, seen.id), row)

    def group(self, row: object) -> None:
        try:
            id = identity(row)
        except NotUnderstood as error:
            self.gaps.append(f"a group that cannot be understood: {error}")
            return
        self.groups[id] = text(row, "name")
        self._share(Principal(PrincipalType.GROUP, id), row)

    def _share(self, principal: Principal, row: object) -> None:
        told = level(row)
        if told is None:
            self.gaps.append(f"{principal} is listed without a permission")
            told = UNTOLD
        listed = self.levels.setdefault(principal, told)
        if listed != told:
            # Neither is known to be the one in force: a word we never write.
            self.gaps.append(f"{principal} is listed as {listed} and as {told}")
            self.levels[principal] = Foreign(f"{listed}, {told}")


def collection(row: object) -> tuple[LiveCollection, Person | None]:
    """Read one collection and its owner, if it tells one; raises NotUnderstood."""
    id = identity(row)
    if not isinstance(row, Mapping) or not isinstance(row.get("name", UNTOLD), str | None):
        raise NotUnderstood(f"collection {id} tells no name")
    owner = None if row.get("owner") is None else person(row["owner"])
    kind = row.get("type")
    live = LiveCollection(
        id=id,
        name=text(row, "name"),
        kind=KINDS.get(kind, Kind.ORDINARY) if isinstance(kind, str) else Kind.ORDINARY,
        owner_id=None if owner is None else owner.id,
        level=level(row),
        archived=bool(row.get("archived_at")),
    )
    return live, owner


def one_collection(document: object) -> tuple[LiveCollection, Person | None]:
    """Read `{"collection": {…}}`; raises NotUnderstood."""
    if not isinstance(document, Mapping) or "collection" not in document:
        raise NotUnderstood("the answer holds no collection")
    return collection(document["collection"])


def person(row: object) -> Person:
    """Read one user; the address may be missing. Raises NotUnderstood."""
    id = identity(row)
    return Person(id, text(row, "full_name") or text(row, "display_name"), text(row, "email"))


def identity(row: object) -> int:
    """The row's id, a whole number above 0; raises NotUnderstood."""
    if not isinstance(row, Mapping):
        raise NotUnderstood(f"{type(row).__name__} where an object should be")
    number = whole_number(row.get("id"))
    if number is None or not 0 < number <= LARGEST_ID:
        raise NotUnderstood("no whole number as id")
    return number


def whole_number(value: object) -> int | None:
    """
    A number, or a string of its digits as some services write it.

    JSON's true is a number to Python; it is none here.
    """
    if isinstance(value, str):
        return int(value) if WHOLE_NUMBER.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(row: object, key: str) -> str | None:
    """A field's text; None where it is missing, empty or no text."""
    value = row.get(key) if isinstance(row, Mapping) else None
    if not isinstance(value, str) or not value:
        return None
    # Half a surrogate pair is legal JSON and can be written nowhere.
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def level(row: object) -> Level | None:
    """The row's permission; None where it names none."""
    word = row.get("permission") if isinstance(row, Mapping) else None
    if not isinstance(word, str) or not word:
        return None
    known = PERMISSIONS.get(word)
    return known if known is not None else Foreign(text(row, "permission") or word)


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
