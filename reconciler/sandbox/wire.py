"""The tenant's objects as the service writes them in JSON, under the switches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeAlias

from reconciler.sandbox.rights import OWNER, level_of
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import ORDINARY, Collection, Group, User, World

Json: TypeAlias = dict[str, object]

SUPPORT_ACCOUNT = User(id=990_001, name="Studio Support")


def instant(moment: datetime) -> str:
    """A moment as the service writes it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def person(user: User, switches: Switches) -> Json:
    """Somebody as an owner, a member or a principal."""
    return {
        "id": user.id,
        "full_name": user.name,
        "display_name": user.name,
        "email": _address(user, switches),
    }


def user_document(user: User, switches: Switches) -> Json:
    """Somebody as `GET /users/{id}` tells of them."""
    roles = ["Studio Admin"] if user.admin else ["Studio User"]
    return _extended(person(user, switches) | {"role_names": roles}, switches)


def collection_document(
    world: World, switches: Switches, caller: int, collection: Collection
) -> Json:
    """A collection as the caller sees it."""
    document: Json = {
        "id": collection.id,
        "name": collection.name,
        "type": switches.ordinary_type if collection.type == ORDINARY else collection.type,
        "permission": level_of(world, switches, caller, collection),
        "owner": person(world.users[collection.owner], switches),
        "created_at": instant(collection.created_at),
    }
    if switches.archived_told:
        archived = collection.archived_at
        document["archived_at"] = instant(archived) if archived else None
    if collection.course_id is not None:
        document["course_id"] = collection.course_id
    return _extended(document, switches)


def permissions_document(
    world: World, switches: Switches, caller: int, collection: Collection
) -> Json:
    """The complete permission list of a collection."""
    users = list(_user_shares(world, switches, caller, collection))
    groups = [
        _extended(
            {"id": id, "name": world.groups[id].name, "permission": word},
            switches,
        )
        for (kind, id), word in collection.shares.items()
        if kind == "group"
    ]
    return _extended({"users": users, "groups": groups}, switches)


def members_document(world: World, switches: Switches, group: Group) -> Json:
    """The members of a group."""
    members = [
        _extended(person(world.users[id], switches) | {"permission": word}, switches)
        for id, word in group.members.items()
    ]
    return {"group_users": members}


def _user_shares(
    world: World, switches: Switches, caller: int, collection: Collection
) -> Iterator[Json]:
    if switches.owner_listed and (switches.self_listed or collection.owner != caller):
        yield _share(world.users[collection.owner], OWNER, switches)
    for (kind, id), word in collection.shares.items():
        if kind == "user" and (switches.self_listed or id != caller):
            yield _share(world.users[id], word, switches)
    if switches.foreign_word is not None:
        yield _share(SUPPORT_ACCOUNT, switches.foreign_word, switches)


def _share(user: User, word: str, switches: Switches) -> Json:
    return _extended(person(user, switches) | {"permission": word}, switches)


def _address(user: User, switches: Switches) -> str | None:
    if switches.emails == "login":
        return user.login
    return user.email if switches.emails == "address" else None


def _extended(document: Json, switches: Switches) -> Json:
    """Add what a newer service might tell, where the tenant is one."""
    if switches.extra_fields:
        document["x_sandbox"] = {"since": "a newer release", "values": [1, None, "…"]}
    return document
