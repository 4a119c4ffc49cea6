"""
What took effect on the tenant, when, and by whom.

Only what changed something is an entry, and what nobody may ever ask for: a
request that would delete, archive, rename or re-own is refused and entered as
`forbidden`, so that a test can say there was none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from reconciler.sandbox.world import PrincipalKey, World

Via: TypeAlias = Literal["api", "hand"]
FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When, by which user, and whether through the API or by hand in the browser."""

    at: datetime
    by: int
    via: Via = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One thing that took effect.

    `action` is create, update or destroy for a share (with `principal` and the
    levels before and after), create_collection, rename, archive, delete or
    transfer for a collection, add_user, update_user, add_member, update_member
    or remove_member for people (whose group is in `detail`), or forbidden.
    """

    stamp: Stamp
    action: str
    collection: int | None = None
    principal: PrincipalKey | None = None
    before: str | None = None
    after: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """The world after an operation, and what to enter."""

    world: World
    entries: tuple[Entry, ...] = ()
