"""
A batch of permission actions: read, judged and carried out.

What a body may look like is checked for the whole batch first (422, nothing
done); what the collection says to each action comes after, in order, and how
much of a refused batch stays is a switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from reconciler.sandbox.audit import Changed, Entry, Stamp
from reconciler.sandbox.messages import Refused
from reconciler.sandbox.rights import EDIT, OWNER, VIEW, level_of
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.wire import SUPPORT_ACCOUNT
from reconciler.sandbox.world import Collection, PrincipalKey, World


class Action(BaseModel):
    """One action of a body, in the service's words."""

    model_config = ConfigDict(strict=True, frozen=True)

    action: Literal["create", "update", "destroy"]
    id: int
    share_type: Literal["user", "group"]
    permission_type: Literal["view", "edit"] = "view"

    @property
    def principal(self) -> PrincipalKey:
        return self.share_type, self.id

    @property
    def after(self) -> str | None:
        return None if self.action == "destroy" else self.permission_type


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: the changed world, and the first refusal if there was one."""

    changed: Changed
    refusal: Refused | None = None


ACTIONS = TypeAdapter(list[Action])


def read_actions(body: object, switches: Switches) -> list[Action]:
    """Read the actions of a body, an array or wrapped as the switch says; 422 for any other."""
    try:
        actions = ACTIONS.validate_python(_unwrapped(body, switches))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused(422, f"invalid parameter {place or 'body'}: {first['msg']}") from None
    if not actions:
        raise Refused(422, "no permissions given")
    if switches.max_batch is not None and len(actions) > switches.max_batch:
        raise Refused(422, f"too many permissions; at most {switches.max_batch}")
    return actions


def carry_out(
    world: World, switches: Switches, stamp: Stamp, collection: Collection, actions: list[Action]
) -> Batch:
    """Apply the actions in order; the first that is refused decides the answer."""
    level = level_of(world, switches, stamp.by, collection)
    shares = dict(collection.shares)
    entries: list[Entry] = []
    refusal: Refused | None = None
    for action in actions:
        try:
            _require_right(level, stamp.by, action)
            _require_fit(world, switches, collection, shares, action)
        except Refused as error:
            refusal = refusal or error
            if switches.refused_batch == "partial":
                continue
            break
        entries += _apply(shares, action, collection.id, stamp)
    if not entries or (refusal and switches.refused_batch == "atomic"):
        return Batch(Changed(world), refusal)
    after = world.with_collection(replace(collection, shares=shares))
    return Batch(Changed(after, tuple(entries)), refusal)


def _unwrapped(body: object, switches: Switches) -> object:
    wrapped = isinstance(body, dict)
    if switches.permissions_body == "wrapped" and not wrapped:
        raise Refused(422, "permissions is missing")
    if wrapped and switches.permissions_body != "array":
        return cast("dict[str, object]", body).get("permissions")
    return body


def _require_fit(
    world: World,
    switches: Switches,
    collection: Collection,
    shares: Mapping[PrincipalKey, str],
    action: Action,
) -> None:
    """Refuse an action that does not fit what is there."""
    if action.principal in {("user", collection.owner), ("user", SUPPORT_ACCOUNT.id)}:
        raise Refused(400, "this permission can not be changed")
    there = action.principal in shares
    if action.action == "create" and not world.has(action.principal):
        raise Refused(switches.unknown_principal, f"{action.share_type} was not found")
    if (action.action == "create") is there:
        raise Refused(
            400,
            "one or more permission was not found or can not be created, because already exists",
        )


def _require_right(level: str | None, caller: int, action: Action) -> None:
    """Managers may do anything, a viewer may share on at view, anyone may drop their own."""
    drops_own = action.action == "destroy" and action.principal == ("user", caller)
    shares_on = level is not None and action.action == "create" and action.after == VIEW
    if not (level in {OWNER, EDIT} or drops_own or shares_on):
        raise Refused(403, "you may not change the permissions of this collection")


def _apply(
    shares: dict[PrincipalKey, str], action: Action, collection: int, stamp: Stamp
) -> list[Entry]:
    """Put one action into the shares; nothing is entered for what was so already."""
    before = shares.get(action.principal)
    if action.after is None:
        del shares[action.principal]
    else:
        shares[action.principal] = action.after
    if before == action.after:
        return []
    entry = Entry(
        stamp=stamp,
        action=action.action,
        collection=collection,
        principal=action.principal,
        before=before,
        after=action.after,
    )
    return [entry]
