"""The table of routes: verb, path, what answers, and what its document says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reconciler.sandbox import reads, writes
from reconciler.sandbox.calls import Handler
from reconciler.sandbox.messages import Refused, whole_number

PREFIX = "/api/public/v1"


@dataclass(frozen=True)
class Route:
    """
    One verb on one path.

    `{name}` in the path is a number, `answers` the key of the answer (a plural
    is a list), `query` the names of its parameters.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: str
    query: tuple[str, ...] = ()

    @cached_property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))

    def fits(self, parts: tuple[str, ...]) -> bool:
        return len(parts) == len(self.parts) and all(
            mine.startswith("{") or mine == theirs
            for mine, theirs in zip(self.parts, parts, strict=True)
        )

    def ids(self, parts: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers that the path was asked with; 422 where one is no number."""
        return tuple(
            _id(theirs)
            for mine, theirs in zip(self.parts, parts, strict=True)
            if mine.startswith("{")
        )


def _id(written: str) -> int:
    number = whole_number(written)
    if number is None:
        raise Refused(422, "the id is not a number")
    return number


PAGES = ("page", "per_page")

# `/users/search` stands before `/users/{id}`: the first that fits answers.
ROUTES = (
    Route("GET", "/ping", reads.ping, "Say pong", "pong"),
    Route("GET", "/collections", reads.collections, "List collections", "collections", PAGES),
    Route(
        "POST",
        "/collections",
        writes.new_collection,
        "Create a collection",
        "collection",
        ("name", "user_id"),
    ),
    Route("GET", "/collections/{id}", reads.collection, "Show a collection", "collection"),
    Route("GET", "/collections/{id}/permissions", reads.permissions, "List shares", "users"),
    Route(
        "POST",
        "/collections/{id}/permissions",
        writes.change_permissions,
        "Change shares",
        "users",
    ),
    Route("GET", "/users/search", reads.users_search, "Find people", "users", ("email", *PAGES)),
    Route("GET", "/users/{id}", reads.user, "Show a user", "user"),
    Route(
        "GET",
        "/users/{id}/collections",
        reads.user_collections,
        "List what a user reaches",
        "collections",
        PAGES,
    ),
    Route("GET", "/users/{id}/library", reads.user_library, "Show a My Library", "collection"),
    Route("GET", "/groups/{id}/users", reads.group_users, "List members", "group_users"),
    Route(
        "POST",
        "/groups/{id}/users/batch_update",
        writes.change_members,
        "Change members",
        "group_users",
    ),
    Route("GET", "/courses/{id}", reads.course, "Show a course's collection", "course"),
)


def route_for(method: str, parts: tuple[str, ...]) -> Route:
    """Find what answers; 405 for a known path asked with another verb, 404 for an unknown one."""
    fitting = [route for route in ROUTES if route.fits(parts)]
    for route in fitting:
        if route.method == method:
            return route
    raise Refused(405, "method not allowed") if fitting else Refused(404, "not found")
