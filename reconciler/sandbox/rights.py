"""
Who reaches which collection, at what level, and who may change its shares.

The owner and editors manage everyone's access; an admin does by role, outside
other people's libraries; a viewer may share on at view; anyone may drop their
own access (STUDIO_API, "How people share").
"""

from __future__ import annotations

from reconciler.sandbox.messages import Refused
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import LIBRARY, WRITABLE, Collection, World

OWNER = "owner"
EDIT = "edit"
VIEW = "view"


def is_admin(world: World, user: int) -> bool:
    return user in world.users and world.users[user].admin


def level_of(world: World, switches: Switches, user: int, collection: Collection) -> str | None:
    """What somebody may do in a collection: the strongest they have, or None."""
    if collection.owner == user:
        return OWNER
    if switches.admin_reaches_all and collection.type != LIBRARY and is_admin(world, user):
        return EDIT
    held = [collection.shares.get(("user", user))]
    held += [collection.shares.get(("group", group)) for group in world.groups_of(user)]
    return max(filter(None, held), key=_rank, default=None)


def reachable(world: World, switches: Switches, user: int) -> tuple[int, ...]:
    """The ids of all collections somebody reaches, in order."""
    key = ("reachable", user, switches)
    if key not in world.memo:
        world.memo[key] = tuple(
            id
            for id, collection in sorted(world.collections.items())
            if level_of(world, switches, user, collection) is not None
        )
    return world.memo[key]


def listed(world: World, switches: Switches, caller: int) -> tuple[int, ...]:
    """The ids that the caller's own listing shows."""
    key = ("listed", caller, switches)
    if key not in world.memo:
        world.memo[key] = tuple(
            id
            for id in reachable(world, switches, caller)
            if _is_listed(switches, caller, world.collections[id])
        )
    return world.memo[key]


def require_admin(world: World, caller: int) -> None:
    """Refuse whoever has no Studio admin role."""
    if not is_admin(world, caller):
        raise Refused(403, "this needs the Studio admin role")


def require_self_or_admin(world: World, caller: int, user: int) -> None:
    """Refuse whoever asks about somebody else without the admin role."""
    if caller != user:
        require_admin(world, caller)


def _is_listed(switches: Switches, caller: int, collection: Collection) -> bool:
    if collection.type == LIBRARY:
        return switches.library_listed and collection.owner == caller
    if collection.archived_at is not None and not switches.archived_listed:
        return False
    made_for_another = collection.created_by == caller != collection.owner
    return switches.created_for_others_listed or not made_for_another


def _rank(word: str) -> int:
    """Order of power; a word of the service's own is taken for the weakest."""
    return WRITABLE.index(word) if word in WRITABLE else -1
