"""The routes in use, as templates: requests are made from them and counted under them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import quote, urlencode

from reconciler.studio.session import Request

ROOT = "/api/public"
API = f"{ROOT}/v1"


class Route(StrEnum):
    """Every path of the service that the reconciler ever asks for, but the OAuth ones."""

    COLLECTIONS = "/collections"
    COLLECTION = "/collections/{id}"
    PERMISSIONS = "/collections/{id}/permissions"
    USER = "/users/{id}"
    USER_COLLECTIONS = "/users/{id}/collections"
    USER_SEARCH = "/users/search"
    GROUP_USERS = "/groups/{id}/users"
    PING = "/ping"
    APIDOCS = "/apidocs"


def request(
    method: str,
    route: Route,
    *,
    id: int | None = None,
    query: Mapping[str, str | int] | None = None,
    content: bytes | None = None,
) -> Request:
    """A request to a route, its query percent-encoded."""
    # The service's own document stands beside its versions.
    path = (ROOT if route is Route.APIDOCS else API) + route.format(id=id)
    if query:
        path = f"{path}?{urlencode(query, quote_via=quote)}"
    return Request(method=method, route=f"{method} {route}", path=path, content=content)
