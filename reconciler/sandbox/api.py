"""
The API as one pure function: a world, a request and an instant give an answer and a world.

Strict where the service is strict: 401 before anything else, then 404 and 405
by path and verb, then 422, 403 and 404 by content. What the program must never
ask for (to delete, archive, rename or re-own) is not there: it is answered 405
and entered in the audit as forbidden.
"""

from __future__ import annotations

from datetime import datetime

from reconciler.sandbox import oauth
from reconciler.sandbox.apidocs import swagger
from reconciler.sandbox.audit import FORBIDDEN, Changed, Entry
from reconciler.sandbox.calls import Call
from reconciler.sandbox.messages import Refused, Request, Response, answer, whole_number
from reconciler.sandbox.routes import PREFIX, route_for
from reconciler.sandbox.switches import Switches
from reconciler.sandbox.world import World

APIDOCS = "/api/public/apidocs"
FORBIDDEN_VERBS = frozenset({"DELETE", "PUT", "PATCH"})
FORBIDDEN_ENDINGS = ("/archive", "/transfer_media")


def handle(
    world: World, switches: Switches, request: Request, now: datetime
) -> tuple[Changed, Response]:
    """Answer one request. The world given is left as it was; the changed one is returned."""
    try:
        match request.method, request.path:
            case "GET", oauth.AUTHORIZE:
                return oauth.authorize(world, request)
            case "POST", oauth.TOKEN:
                return oauth.token(world, switches, request, now)
            case _:
                return _authenticated(world, switches, request, now)
    except Refused as error:
        return Changed(world), error.response()


def _authenticated(
    world: World, switches: Switches, request: Request, now: datetime
) -> tuple[Changed, Response]:
    caller = _caller(world, request, now)
    call = Call(world=world, switches=switches, caller=caller, request=request, now=now)
    if _is_forbidden(request):
        return _refuse_forbidden(call)
    if request.path == APIDOCS:
        return Changed(world), _apidocs(call)
    if not request.path.startswith(f"{PREFIX}/"):
        raise Refused(404, "not found")
    return _routed(call)


def _routed(call: Call) -> tuple[Changed, Response]:
    parts = tuple(call.request.path.removeprefix(f"{PREFIX}/").split("/"))
    route = route_for(call.request.method, parts)
    answered = route.handler(
        Call(
            world=call.world,
            switches=call.switches,
            caller=call.caller,
            request=call.request,
            now=call.now,
            ids=route.ids(parts),
        )
    )
    return (Changed(call.world), answered) if isinstance(answered, Response) else answered


def _caller(world: World, request: Request, now: datetime) -> int:
    """Whose the access token is; 401 without one, with an unknown one or one that ended."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = world.credentials.access.get(token.strip())
    if scheme.lower() != "bearer" or grant is None or not grant.is_good(now):
        raise Refused(401, "the access token is missing, invalid or expired")
    return grant.user


def _apidocs(call: Call) -> Response:
    if not call.switches.apidocs:
        raise Refused(404, "not found")
    if call.request.method != "GET":
        raise Refused(405, "method not allowed")
    return answer(swagger())


def _is_forbidden(request: Request) -> bool:
    return request.method in FORBIDDEN_VERBS or request.path.endswith(FORBIDDEN_ENDINGS)


def _refuse_forbidden(call: Call) -> tuple[Changed, Response]:
    entry = Entry(
        stamp=call.stamp,
        action=FORBIDDEN,
        collection=_collection_in(call.request.path),
        detail=f"{call.request.method} {call.request.path}",
    )
    return Changed(call.world, (entry,)), answer({"error": "method not allowed"}, 405)


def _collection_in(path: str) -> int | None:
    """The collection a path is about, if it is."""
    parts = path.removeprefix(f"{PREFIX}/").split("/")
    return whole_number(parts[1]) if parts[0] == "collections" and len(parts) > 1 else None
