"""The routes that only read."""

from __future__ import annotations

from reconciler.sandbox.calls import Call
from reconciler.sandbox.messages import Refused, Response, answer
from reconciler.sandbox.paging import paged
from reconciler.sandbox.people import found
from reconciler.sandbox.rights import listed, reachable, require_admin, require_self_or_admin
from reconciler.sandbox.wire import Json, members_document, permissions_document, user_document


def ping(_call: Call) -> Response:
    return Response(200, b"pong", "text/plain; charset=utf-8")


def collections(call: Call) -> Response:
    """The collections that the caller has permission to."""
    ids = listed(call.world, call.switches, call.caller)
    return answer(_page_of_collections(call, ids))


def collection(call: Call) -> Response:
    return answer({"collection": call.document(call.collection())})


def permissions(call: Call) -> Response:
    """The complete permission list of a collection; never paged."""
    return answer(permissions_document(call.world, call.switches, call.caller, call.collection()))


def user(call: Call) -> Response:
    require_self_or_admin(call.world, call.caller, call.ids[0])
    return answer({"user": user_document(call.user(), call.switches)})


def users_search(call: Call) -> Response:
    """Whoever has the address, by the tenant's own rule; paged like any list."""
    require_admin(call.world, call.caller)
    address = call.request.query.get("email", "")
    if not address:
        raise Refused(400, "email is missing")
    ids = found(call.world, call.switches, address)

    def document(id: int) -> Json:
        return user_document(call.world.users[id], call.switches)

    return answer(paged("users", ids, document, call.request.query, call.switches))


def user_collections(call: Call) -> Response:
    """The collections that a user can reach."""
    if call.switches.user_collections == "missing":
        raise Refused(404, "not found")
    require_self_or_admin(call.world, call.caller, call.ids[0])
    if call.switches.user_collections == "forbidden" and call.caller != call.ids[0]:
        raise Refused(403, "you may not see the collections of this user")
    ids = reachable(call.world, call.switches, call.user().id)
    return answer(_page_of_collections(call, ids))


def user_library(call: Call) -> Response:
    """A user's My Library."""
    require_self_or_admin(call.world, call.caller, call.ids[0])
    library = call.world.library_of(call.user().id)
    if library is None:
        raise Refused(404, "library was not found")
    return answer({"collection": call.document(library)})


def group_users(call: Call) -> Response:
    """The members of a group, for admins and its members."""
    group = call.group()
    if call.caller not in group.members:
        require_admin(call.world, call.caller)
    return answer(members_document(call.world, call.switches, group))


def course(call: Call) -> Response:
    """A course's collection, by the id that Canvas gives the course."""
    of_course = (each for each in call.world.collections.values() if each.course_id == call.ids[0])
    found_collection = next(of_course, None)
    if found_collection is None:
        raise Refused(404, "course was not found")
    return answer({"course": call.document(found_collection)})


def _page_of_collections(call: Call, ids: tuple[int, ...]) -> Json:
    def document(id: int) -> Json:
        return call.document(call.world.collections[id])

    return paged("collections", ids, document, call.request.query, call.switches)
