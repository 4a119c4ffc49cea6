"""
The tenant as plain data: people, groups, collections and who may see them.

A world never changes; a write makes the next one, sharing all that stayed the
same. Copying one dict of ids a write is cheap, and a refused batch then leaves
the world alone by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from reconciler.sandbox.credentials import Credentials

PrincipalKey: TypeAlias = tuple[str, int]
"""("user" or "group", id): the two id spaces are separate."""

CollectionType: TypeAlias = Literal["ordinary", "user", "course_wide"]

ORDINARY: CollectionType = "ordinary"
LIBRARY: CollectionType = "user"
COURSE_WIDE: CollectionType = "course_wide"

WRITABLE = ("view", "edit")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who opened Studio once. `email` is None where the tenant knows none."""

    id: int
    name: str
    email: str | None = None
    admin: bool = False

    @property
    def login(self) -> str:
        """What Canvas calls them: the part of the address before the @, or a made-up word."""
        return self.email.partition("@")[0] if self.email else f"login{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People who are shared with at once. `members` maps a user's id to member or manager."""

    id: int
    name: str
    members: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection. `shares` holds the level's word of each principal, never the owner's."""

    id: int
    name: str | None
    owner: int
    created_at: datetime
    type: CollectionType = ORDINARY
    created_by: int | None = None
    course_id: int | None = None
    archived_at: datetime | None = None
    shares: Mapping[PrincipalKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    The whole tenant. `me` is the user the first access token belongs to.

    `memo` keeps what is derived from this very world (who is in which group,
    what somebody reaches); the next world starts with an empty one.
    """

    me: int
    credentials: Credentials
    users: Mapping[int, User]
    groups: Mapping[int, Group] = field(default_factory=dict)
    collections: Mapping[int, Collection] = field(default_factory=dict)
    next_id: int = 1
    memo: dict[tuple[object, ...], tuple[int, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def has(self, principal: PrincipalKey) -> bool:
        """Whether there is such a user or group."""
        kind, id = principal
        return id in (self.users if kind == "user" else self.groups)

    def groups_of(self, user: int) -> tuple[int, ...]:
        """The groups somebody is a member of."""
        key = ("groups of", user)
        if key not in self.memo:
            self.memo[key] = tuple(
                group.id for group in self.groups.values() if user in group.members
            )
        return self.memo[key]

    def library_of(self, user: int) -> Collection | None:
        """Somebody's My Library."""
        mine = (
            each
            for each in self.collections.values()
            if each.type == LIBRARY and each.owner == user
        )
        return next(mine, None)

    def with_collection(self, collection: Collection) -> World:
        """This world with one collection put in, or in place of the one it had."""
        return replace(
            self,
            collections={**self.collections, collection.id: collection},
            next_id=max(self.next_id, collection.id + 1),
        )

    def without_collection(self, id: int) -> World:
        """Return this world without one collection."""
        rest = {key: each for key, each in self.collections.items() if key != id}
        return replace(self, collections=rest)

    def with_user(self, user: User) -> World:
        return replace(self, users={**self.users, user.id: user})

    def with_group(self, group: Group) -> World:
        return replace(self, groups={**self.groups, group.id: group})
