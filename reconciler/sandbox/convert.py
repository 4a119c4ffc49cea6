"""World ⇄ document: the same tenant, to work with and to write down."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import TypeAdapter

from reconciler.sandbox.credentials import Credentials
from reconciler.sandbox.document import (
    CollectionDocument,
    TenantDocument,
)
from reconciler.sandbox.wire import Json
from reconciler.sandbox.world import Collection, Group, PrincipalKey, User, World

CREDENTIALS = TypeAdapter(Credentials)


def world_of(document: TenantDocument) -> World:
    """Build the world that a document without faulty places describes."""
    collections = {each.id: _collection_of(each) for each in document.collections}
    groups = (
        Group(id=each.id, name=each.name, members=dict(each.members)) for each in document.groups
    )
    users = (
        User(id=each.id, name=each.name, email=each.email, admin=each.admin)
        for each in document.users
    )
    return World(
        me=document.me,
        credentials=document.credentials or Credentials.starting(document.me),
        users={user.id: user for user in users},
        groups={group.id: group for group in groups},
        collections=collections,
        next_id=max(document.next_id, max(collections, default=0) + 1),
    )


def plain(world: World) -> Json:
    """Write a world down as plain data, without its switches."""
    return {
        "me": world.me,
        "users": [asdict(user) for user in world.users.values()],
        "groups": [
            {"id": group.id, "name": group.name, "members": dict(group.members)}
            for group in world.groups.values()
        ],
        "collections": [_plain_collection(each) for each in world.collections.values()],
        "credentials": CREDENTIALS.dump_python(world.credentials, mode="json"),
        "next_id": world.next_id,
    }


def _collection_of(document: CollectionDocument) -> Collection:
    return Collection(
        id=document.id,
        name=document.name,
        owner=document.owner,
        created_at=document.created_at,
        type=document.type,
        created_by=document.created_by,
        course_id=document.course_id,
        archived_at=document.archived_at,
        shares={share.principal: share.permission for share in document.shares},
    )


def _plain_collection(collection: Collection) -> Json:
    return {
        "id": collection.id,
        "name": collection.name,
        "owner": collection.owner,
        "created_at": collection.created_at.isoformat(),
        "type": collection.type,
        "created_by": collection.created_by,
        "course_id": collection.course_id,
        "archived_at": collection.archived_at.isoformat() if collection.archived_at else None,
        "shares": [_plain_share(key, word) for key, word in collection.shares.items()],
    }


def _plain_share(principal: PrincipalKey, permission: str) -> Json:
    kind, id = principal
    return {kind: id, "permission": permission}
