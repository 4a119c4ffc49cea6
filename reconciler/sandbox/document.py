"""
A tenant as a document: what seeds and stores are written in.

    me: 101                     # the token's own user
    users:
      - {id: 101, name: Ada Admin, email: ada@school.edu, admin: true}
    groups:
      - {id: 7, name: Biology Faculty, members: {102: member}}
    collections:
      - id: 4711
        name: Biology 101       # may be null
        owner: 101
        type: ordinary          # or user (My Library) or course_wide
        course_id: 900          # of a course_wide one
        archived_at: 2026-01-31T00:00:00Z
        shares:
          - {group: 7, permission: view}
          - {user: 103}         # view
    switches: {refused_batch: partial}

What is left out has its default: nobody, nothing, the likeliest switches, and
`sandbox` for every secret. `credentials` and `next_id` may be given as well, as
a store has them. Ids are positive; user, group and collection ids are separate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from reconciler.sandbox.credentials import Credentials
from reconciler.sandbox.switches import LIKELIEST, Switches
from reconciler.sandbox.world import ORDINARY, CollectionType, PrincipalKey

Id: TypeAlias = Annotated[int, Field(gt=0)]
Place: TypeAlias = tuple[str | int, ...]
LONG_AGO = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Strict(BaseModel):
    """Refuses what it does not know, and never repeats what was written in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class UserDocument(Strict):
    """Somebody who opened Studio once."""

    id: Id
    name: str
    email: str | None = None
    admin: bool = False


class GroupDocument(Strict):
    """People who are shared with at once, by user id."""

    id: Id
    name: str
    members: dict[Id, Literal["member", "manager"]] = {}


class ShareDocument(Strict):
    """One principal's level on the collection it stands in."""

    user: Id | None = None
    group: Id | None = None
    permission: str = Field(default="view", min_length=1)

    @model_validator(mode="after")
    def _one_principal(self) -> ShareDocument:
        if (self.user is None) is (self.group is None):
            raise ValueError("a share is with a user or with a group")
        return self

    @property
    def principal(self) -> PrincipalKey:
        if self.user is not None:
            return "user", self.user
        return "group", self.group or 0


class CollectionDocument(Strict):
    """One collection with its shares, the owner's not among them."""

    id: Id
    owner: Id
    name: str | None = None
    type: CollectionType = ORDINARY
    created_at: AwareDatetime = LONG_AGO
    created_by: Id | None = None
    course_id: Id | None = None
    archived_at: AwareDatetime | None = None
    shares: list[ShareDocument] = []


class TenantDocument(Strict):
    """The whole tenant; `faulty_places` says what fits its fields and still cannot be."""

    me: Id
    users: list[UserDocument]
    groups: list[GroupDocument] = []
    collections: list[CollectionDocument] = []
    switches: Switches = LIKELIEST
    credentials: Credentials | None = None
    next_id: Id = 1

    def faulty_places(self) -> Iterator[tuple[Place, str]]:
        """Ids given twice, and ids of nobody, each with its place."""
        users = {user.id for user in self.users}
        groups = {group.id for group in self.groups}
        if self.me not in users:
            yield ("me",), f"there is no user {self.me}"
        yield from _twice("users", (user.id for user in self.users))
        yield from _twice("groups", (group.id for group in self.groups))
        yield from _twice("collections", (each.id for each in self.collections))
        for index, group in enumerate(self.groups):
            for id in group.members.keys() - users:
                yield ("groups", index, "members"), f"there is no user {id}"
        for index, each in enumerate(self.collections):
            for place, message in _faults_of(each, users, groups):
                yield ("collections", index, *place), message


def _faults_of(
    collection: CollectionDocument, users: set[int], groups: set[int]
) -> Iterator[tuple[Place, str]]:
    if collection.owner not in users:
        yield ("owner",), f"there is no user {collection.owner}"
    seen: set[PrincipalKey] = {("user", collection.owner)}
    for index, share in enumerate(collection.shares):
        kind, id = share.principal
        if id not in (users if kind == "user" else groups):
            yield ("shares", index, kind), f"there is no {kind} {id}"
        elif share.principal in seen:
            yield ("shares", index, kind), f"{kind} {id} is there already, or owns the collection"
        seen.add(share.principal)


def _twice(key: str, ids: Iterable[int]) -> Iterator[tuple[Place, str]]:
    seen: Counter[int] = Counter()
    for index, id in enumerate(ids):
        seen[id] += 1
        if seen[id] > 1:
            yield (key, index, "id"), f"id {id} is given twice"
