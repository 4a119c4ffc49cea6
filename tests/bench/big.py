"""Tenants of any size, the same one for the same numbers: for benches and laws of scale."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from reconciler.sandbox.credentials import WORD, Credentials, Grant
from reconciler.sandbox.document import LONG_AGO
from reconciler.sandbox.state import State
from reconciler.sandbox.switches import LIKELIEST, Switches
from reconciler.sandbox.tenant import Tenant
from reconciler.sandbox.world import WRITABLE, Collection, Group, PrincipalKey, User, World

ME = 1
FIRST_COLLECTION = 1_000_000
GROUP_EVERY = 5
STRIDE = 7


def big_tenant(
    collections: int,
    shares_per_collection: int,
    *,
    users: int = 5_000,
    groups: int = 500,
    switches: Switches = LIKELIEST,
) -> Tenant:
    """Give a tenant of that world, to be asked within this process."""
    world = big_world(collections, shares_per_collection, users=users, groups=groups)
    return Tenant(State(world=world, switches=switches))


def big_world(
    collections: int,
    shares_per_collection: int,
    *,
    users: int = 5_000,
    groups: int = 500,
    turn: int = 0,
    tokens: Iterable[str] = (WORD,),
) -> World:
    """
    A world of so many ordinary collections, all owned by user 1, the admin.

    Users are numbered from 1 (`u2@school.edu`), groups from 1 (`Group 2`),
    collections from 1,000,000 (`Collection 0`). Every fifth share is a group's.
    Worlds of another `turn` share with other people; `tokens` are all user 1's.
    """
    people = {id: User(id=id, name=f"User {id}", email=f"u{id}@school.edu") for id in _ids(users)}
    people[ME] = User(id=ME, name="Ada Admin", email=f"u{ME}@school.edu", admin=True)
    return World(
        me=ME,
        credentials=Credentials(access={token: Grant(ME) for token in tokens}, refresh={WORD: ME}),
        users=people,
        groups={id: Group(id=id, name=f"Group {id}") for id in _ids(groups)},
        collections={
            FIRST_COLLECTION + index: Collection(
                id=FIRST_COLLECTION + index,
                name=f"Collection {index}",
                owner=ME,
                created_at=LONG_AGO + timedelta(minutes=index),
                shares=_shares(index + turn, shares_per_collection, users, groups),
            )
            for index in range(collections)
        },
        next_id=FIRST_COLLECTION + collections,
    )


def _ids(count: int) -> range:
    return range(1, count + 1)


def _shares(index: int, count: int, users: int, groups: int) -> dict[PrincipalKey, str]:
    """Neighbouring collections share with other people, and none with its owner."""
    shares: dict[PrincipalKey, str] = {}
    for number in range(count):
        of_group, turn = divmod(number, GROUP_EVERY)
        word = WRITABLE[number % len(WRITABLE)]
        if turn == 0:
            shares["group", 1 + (index + of_group) % groups] = word
        else:
            shares["user", 2 + (index * STRIDE + number) % (users - 1)] = word
    return shares
