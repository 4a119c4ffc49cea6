"""Everything that is served of many tenants: which path shows what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.config.settings import PageAuth
from reconciler.daemon import page_tenants
from reconciler.daemon.fitness import health_of_many, readiness_of_many, status_of_many
from reconciler.daemon.gate import is_let_in
from reconciler.daemon.pages import (
    API,
    EXPOSITION,
    Pages,
    behind_gate,
    checked,
    json_response,
    page_routes,
)
from reconciler.daemon.tenants import Roster, Tenant, exposition


def application_of_many(
    roster: Callable[[], Roster],
    auth: PageAuth | None,
    environment: Mapping[str, str],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ASGIApp:
    """Make the pages of whoever is on the roster at the moment, behind their gate."""
    return behind_gate(_Overview(roster, clock).routes(), auth, environment)


class _Overview:
    """What concerns all tenants; the pages of one are found by its name."""

    def __init__(self, roster: Callable[[], Roster], clock: Callable[[], datetime]) -> None:
        self._roster = roster
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/", self.first_page),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/api/v1/status", self.api_status),
            *page_routes(self._pages, "/api/v1/tenants/{tenant}", API),
            Route("/t/{tenant}", self.with_slash),
            *page_routes(self._pages, "/t/{tenant}"),
        ]

    def first_page(self, request: Request) -> Response:
        query = request.query_params.get("q", "")
        return HTMLResponse(page_tenants.overview(self._roster(), query, self._clock()))

    def healthz(self, request: Request) -> Response:
        return checked(*health_of_many(self._tenants(), by_name=is_let_in(request)))

    def readyz(self, request: Request) -> Response:
        return checked(*readiness_of_many(self._tenants(), by_name=is_let_in(request)))

    def metrics(self, _request: Request) -> Response:
        return Response(exposition(self._roster()), media_type=EXPOSITION)

    def api_status(self, _request: Request) -> Response:
        return json_response(status_of_many(self._roster()))

    def with_slash(self, request: Request) -> Response:
        """Lead to the page whose links are relative to it, by an address relative to this."""
        return RedirectResponse(f"{quote(request.path_params['tenant'], safe='')}/")

    def _pages(self, request: Request) -> Pages | None:
        tenant = self._roster().tenants.get(request.path_params["tenant"])
        return None if tenant is None else Pages(tenant.view, above="../../")

    def _tenants(self) -> tuple[Tenant, ...]:
        return tuple(self._roster().tenants.values())
