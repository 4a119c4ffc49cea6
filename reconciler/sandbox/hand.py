"""
What people do by hand in the browser, as the API cannot: drift.

Each is a pure step from a world to the next, entered as by hand. No rights are
asked: whoever does this in a test or in the demo may.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.sandbox.audit import Changed, Entry, Stamp
from reconciler.sandbox.world import Collection, PrincipalKey, User, World


def share(world: World, stamp: Stamp, id: int, principal: PrincipalKey, permission: str) -> Changed:
    """Give somebody a level, whatever they had; any word goes, the service's own too."""
    if not world.has(principal):
        raise LookupError(f"there is no {principal[0]} {principal[1]} in the sandbox")
    return _with_share(world, stamp, id, principal, permission)


def unshare(world: World, stamp: Stamp, id: int, principal: PrincipalKey) -> Changed:
    """Take a share away; nothing happens where there is none."""
    return _with_share(world, stamp, id, principal, None)


def put(world: World, stamp: Stamp, collection: Collection) -> Changed:
    """Put a collection in, with its shares."""
    entry = Entry(
        stamp=stamp,
        action="create_collection",
        collection=collection.id,
        detail=collection.name,
    )
    return Changed(world.with_collection(collection), (entry,))


def rename(world: World, stamp: Stamp, id: int, name: str | None) -> Changed:
    collection = replace(_collection(world, id), name=name)
    entry = Entry(stamp=stamp, action="rename", collection=id, detail=name)
    return Changed(world.with_collection(collection), (entry,))


def archive(world: World, stamp: Stamp, id: int) -> Changed:
    collection = replace(_collection(world, id), archived_at=stamp.at)
    entry = Entry(stamp=stamp, action="archive", collection=id)
    return Changed(world.with_collection(collection), (entry,))


def transfer(world: World, stamp: Stamp, id: int, owner: int) -> Changed:
    """Give a collection another owner, whose share, if there was one, goes."""
    collection = _collection(world, id)
    shares = {key: word for key, word in collection.shares.items() if key != ("user", owner)}
    entry = Entry(
        stamp=stamp,
        action="transfer",
        collection=id,
        before=str(collection.owner),
        after=str(owner),
    )
    return Changed(world.with_collection(replace(collection, owner=owner, shares=shares)), (entry,))


def delete(world: World, stamp: Stamp, id: int) -> Changed:
    """Delete a collection and the media in it, as only a person may."""
    _collection(world, id)
    entry = Entry(stamp=stamp, action="delete", collection=id)
    return Changed(world.without_collection(id), (entry,))


def put_user(world: World, stamp: Stamp, user: User) -> Changed:
    """Put somebody in, or in place of who had that id: a new address is one of these."""
    action = "update_user" if user.id in world.users else "add_user"
    entry = Entry(stamp=stamp, action=action, principal=("user", user.id))
    return Changed(world.with_user(user), (entry,))


def _with_share(
    world: World, stamp: Stamp, id: int, principal: PrincipalKey, after: str | None
) -> Changed:
    collection = _collection(world, id)
    before = collection.shares.get(principal)
    if before == after:
        return Changed(world)
    shares = {key: word for key, word in collection.shares.items() if key != principal}
    if after is not None:
        shares[principal] = after
    verb = "create" if before is None else "destroy" if after is None else "update"
    entry = Entry(
        stamp=stamp, action=verb, collection=id, principal=principal, before=before, after=after
    )
    return Changed(world.with_collection(replace(collection, shares=shares)), (entry,))


def _collection(world: World, id: int) -> Collection:
    if id not in world.collections:
        raise LookupError(f"there is no collection {id} in the sandbox")
    return world.collections[id]
