"""The routes that write, each answering with what changed."""

from __future__ import annotations

from reconciler.sandbox.audit import Changed
from reconciler.sandbox.batch import carry_out, read_actions
from reconciler.sandbox.calls import Call
from reconciler.sandbox.creation import create_collection
from reconciler.sandbox.members import update_members
from reconciler.sandbox.messages import Refused, Response, answer, whole_number
from reconciler.sandbox.rights import require_admin
from reconciler.sandbox.wire import collection_document, members_document, permissions_document


def new_collection(call: Call) -> tuple[Changed, Response]:
    """Create a collection; name and owner come in the query, never in the body."""
    name = call.request.query.get("name", "")
    if not name.strip():
        raise Refused(422, "name is missing")
    changed, created = create_collection(call.world, call.switches, call.stamp, name, _owner(call))
    document = collection_document(changed.world, call.switches, call.caller, created)
    return changed, answer({"collection": document}, call.switches.create_status)


def change_permissions(call: Call) -> tuple[Changed, Response]:
    """Carry out a batch of actions; answers the complete list afterwards."""
    collection = call.collection()
    actions = read_actions(call.json(), call.switches)
    batch = carry_out(call.world, call.switches, call.stamp, collection, actions)
    if batch.refusal is not None:
        return batch.changed, batch.refusal.response()
    world = batch.changed.world
    after = world.collections[collection.id]
    document = permissions_document(world, call.switches, call.caller, after)
    return batch.changed, answer(document)


def change_members(call: Call) -> tuple[Changed, Response]:
    """Change who is in a group."""
    require_admin(call.world, call.caller)
    group = call.group()
    changed = update_members(call.world, call.switches, call.stamp, group, call.json())
    document = members_document(changed.world, call.switches, changed.world.groups[group.id])
    return changed, answer(document)


def _owner(call: Call) -> int:
    """Whose the new collection is: the caller's own, or by admin right another's."""
    written = call.request.query.get("user_id")
    if written is None:
        return call.caller
    owner = whole_number(written)
    if owner is None:
        raise Refused(422, "user_id is not a number")
    if owner != call.caller:
        require_admin(call.world, call.caller)
    if owner not in call.world.users:
        raise Refused(404, "user was not found")
    return owner
