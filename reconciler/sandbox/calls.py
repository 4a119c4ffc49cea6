"""One authenticated call: what a handler of a route gets to see."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from reconciler.sandbox.audit import Changed, Stamp
from reconciler.sandbox.messages import Refused, Request, Response
from reconciler.sandbox.rights import level_of
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.wire import Json, collection_document
from reconciler.sandbox.world import Collection, Group, User, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request by a known caller; `ids` are the numbers of its path, in order."""

    world: World
    switches: Switches
    caller: int
    request: Request
    now: datetime
    ids: tuple[int, ...] = ()

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.now, self.caller)

    def collection(self) -> Collection:
        """The collection of the path: 404 where there is none, 403 without a right to it."""
        collection = self.world.collections.get(self.ids[0])
        if collection is None:
            raise Refused(404, "collection was not found")
        if level_of(self.world, self.switches, self.caller, collection) is None:
            raise Refused(403, "you have no permission to this collection")
        return collection

    def user(self) -> User:
        if self.ids[0] not in self.world.users:
            raise Refused(404, "user was not found")
        return self.world.users[self.ids[0]]

    def group(self) -> Group:
        if self.ids[0] not in self.world.groups:
            raise Refused(404, "group was not found")
        return self.world.groups[self.ids[0]]

    def json(self) -> object:
        """The body as JSON; 422 where it is none, or is not said to be."""
        if not self.request.headers.get("content-type", "").startswith("application/json"):
            raise Refused(422, "the body is not JSON")
        try:
            return json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise Refused(422, "the body is not JSON") from None

    def document(self, collection: Collection) -> Json:
        """A collection as the caller sees it."""
        return collection_document(self.world, self.switches, self.caller, collection)


Handler: TypeAlias = Callable[[Call], Response | tuple[Changed, Response]]
"""What answers a route; one that writes also says what changed."""
