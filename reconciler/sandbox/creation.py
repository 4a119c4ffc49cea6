"""The one way a collection comes to be through the API."""

from __future__ import annotations

from reconciler.sandbox.audit import Changed, Entry, Stamp
from reconciler.sandbox.messages import Refused
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import ORDINARY, Collection, World


def create_collection(
    world: World, switches: Switches, stamp: Stamp, name: str, owner: int
) -> tuple[Changed, Collection]:
    """Create an ordinary collection without shares in somebody's library."""
    if not switches.duplicate_names and _is_taken(world, name, owner):
        raise Refused(422, "name has already been taken")
    collection = Collection(
        id=world.next_id, name=name, owner=owner, created_at=stamp.at, created_by=stamp.by
    )
    entry = Entry(stamp=stamp, action="create_collection", collection=collection.id, detail=name)
    return Changed(world.with_collection(collection), (entry,)), collection


def _is_taken(world: World, name: str, owner: int) -> bool:
    return any(
        each.name == name and each.owner == owner and each.type == ORDINARY
        for each in world.collections.values()
    )
