"""
Changing who is in a group, several at once; all or nothing.

The reconciler never asks for this: it is here because people's tools do, and
because a group that changes changes who sees a collection.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from reconciler.sandbox.audit import Changed, Entry, Stamp
from reconciler.sandbox.messages import Refused
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import Group, World


class Membership(BaseModel):
    """One action on a member, in the service's words."""

    model_config = ConfigDict(strict=True, frozen=True)

    action: str
    user_id: int
    permission: Literal["member", "manager"] = "member"


MEMBERSHIPS = TypeAdapter(list[Membership])


def update_members(
    world: World, switches: Switches, stamp: Stamp, group: Group, body: object
) -> Changed:
    """Carry out a body of member actions."""
    try:
        actions = MEMBERSHIPS.validate_python(body)
    except ValidationError:
        raise Refused(422, "invalid parameters") from None
    members = dict(group.members)
    entries = []
    for action in actions:
        done = _apply(world, switches, members, action)
        entries.append(
            Entry(
                stamp=stamp,
                action=done,
                principal=("user", action.user_id),
                before=group.members.get(action.user_id),
                after=members.get(action.user_id),
                detail=f"group:{group.id}",
            )
        )
    return Changed(world.with_group(replace(group, members=members)), tuple(entries))


def _apply(world: World, switches: Switches, members: dict[int, str], action: Membership) -> str:
    """Put one action into the members; say what it was."""
    verbs = {"add": "add_member", "update": "update_member"}
    verbs[switches.member_removal_verb] = "remove_member"
    if action.action not in verbs:
        raise Refused(422, f"unknown action {action.action}")
    if action.user_id not in world.users:
        raise Refused(404, "user was not found")
    if (action.action == "add") is (action.user_id in members):
        raise Refused(400, "one or more member was not found or is there already")
    if verbs[action.action] == "remove_member":
        del members[action.user_id]
    else:
        members[action.user_id] = action.permission
    return verbs[action.action]
