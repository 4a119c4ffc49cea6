"""Finding people: the search by address, whose rule nobody documents."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.sandbox.messages import Refused
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import User, World


def found(world: World, switches: Switches, address: str) -> tuple[int, ...]:
    """The ids of the people an address finds, in order; 404 on a tenant without search."""
    if switches.user_search == "missing":
        raise Refused(404, "not found")
    return tuple(
        user.id
        for user in _candidates(world, switches, address)
        if user.email is not None
        and user.id not in switches.unsearchable
        and _fits(user.email, switches, address)
    )


def _candidates(world: World, switches: Switches, address: str) -> Iterable[User]:
    """Everybody where the rule is a prefix, else those whose address differs in case at most."""
    if switches.user_search == "prefix":
        return world.users.values()
    if ("indexed",) not in world.memo:
        _index(world)
    return (world.users[id] for id in world.memo.get(("address", address.casefold()), ()))


def _index(world: World) -> None:
    """Remember who has which address: a scan for every search would cost more than the rest."""
    for user in world.users.values():
        if user.email is not None:
            key = ("address", user.email.casefold())
            world.memo[key] = (*world.memo.get(key, ()), user.id)
    world.memo["indexed",] = ()


def _fits(email: str, switches: Switches, address: str) -> bool:
    if switches.user_search == "exact_case":
        return email == address
    return email.casefold().startswith(address.casefold())
