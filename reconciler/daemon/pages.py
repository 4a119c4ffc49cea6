"""Everything that is served: which path shows what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.config.settings import PageAuth
from reconciler.core.document import Document, dump
from reconciler.core.plan import Plan
from reconciler.daemon import frame, page, page_collections, page_passes, status
from reconciler.daemon.gate import Gate
from reconciler.daemon.page_passes import Passes
from reconciler.daemon.records import MOST
from reconciler.daemon.view import View
from reconciler.errors import StateError
from reconciler.questions.history import history_document

USUAL = 50
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def application(view: View, auth: PageAuth | None, environment: Mapping[str, str]) -> ASGIApp:
    """Make the pages of one tenant, behind their gate."""
    pages = Pages(view)
    return behind_gate(page_routes(lambda _request: pages), auth, environment)


def behind_gate(
    routes: Sequence[Route], auth: PageAuth | None, environment: Mapping[str, str]
) -> ASGIApp:
    """Serve the routes to those who may ask."""
    app = Starlette(routes=routes)
    # It would answer with an address that the client's Host header makes up.
    app.router.redirect_slashes = False
    return Gate(app, auth, environment, frame.policy())


class Pages:
    """
    One method a path. Each takes the snapshot of the moment and shows that.

    `above` leads from the status page to the overview it is one of.
    """

    def __init__(self, view: View, above: str | None = None) -> None:
        self._view = view
        self._above = above

    def status_page(self, _request: Request) -> Response:
        passes = self._passes(page_passes.FEW)
        shown = page.status_page(
            self._view.board.snapshot, passes, self._view.clock(), above=self._above
        )
        return HTMLResponse(shown)

    def collections_page(self, request: Request) -> Response:
        number = _whole(request, "page", 1, 10_000)
        if number is None:
            return _bad_number("page", 10_000)
        query = request.query_params.get("q", "")
        shown = page_collections.collections_page(self._view.board.snapshot, query, number)
        return HTMLResponse(shown)

    def collection_page(self, request: Request) -> Response:
        now = self._view.board.snapshot
        left = now.last.left if now.last is not None else Plan()
        entry = page_collections.find(left, request.path_params["handle"])
        if entry is None:
            return _nothing("no such collection in the files")
        return HTMLResponse(page_collections.collection_page(now, entry, self._view.clock()))

    def passes_page(self, _request: Request) -> Response:
        in_force = self._view.board.snapshot.in_force
        shown = page_passes.passes_page(
            in_force.studio, self._passes(MOST), self._view.clock(), in_force.zone
        )
        return HTMLResponse(shown)

    def pass_page(self, request: Request) -> Response:
        in_force = self._view.board.snapshot.in_force
        try:
            account = self._view.records().account(
                request.path_params["pass_id"], self._view.clock()
            )
        except StateError as error:
            return _nothing(error.message)
        if account is None:
            return _nothing("no pass is on record yet")
        return HTMLResponse(page_passes.pass_page(in_force.studio, account, in_force.zone))

    def healthz(self, _request: Request) -> Response:
        return checked(*status.health(self._view.heartbeat))

    def readyz(self, _request: Request) -> Response:
        return checked(*status.readiness(self._view.dues, self._view.board.snapshot))

    def metrics(self, _request: Request) -> Response:
        return Response(self._view.meter.exposition(), media_type=EXPOSITION)

    def api_status(self, _request: Request) -> Response:
        return json_response(status.status_document(self._view.board.snapshot))

    def api_plan(self, _request: Request) -> Response:
        last = self._view.board.snapshot.last
        if last is None:
            return json_response({"error": "no pass has planned yet"}, HTTPStatus.NOT_FOUND)
        return Response(last.document, media_type="application/json")

    def api_passes(self, request: Request) -> Response:
        limit = _whole(request, "limit", USUAL, MOST)
        if limit is None:
            return _bad_number("limit", MOST)
        passes = self._passes(limit)
        if passes.trouble is not None:
            return json_response({"error": passes.trouble}, HTTPStatus.SERVICE_UNAVAILABLE)
        return json_response(history_document(passes.found))

    def _passes(self, limit: int) -> Passes:
        try:
            return Passes(self._view.records().passes(limit, self._view.clock()))
        except StateError as error:
            return Passes(trouble=error.message)


Find: TypeAlias = Callable[[Request], Pages | None]
"""Whose pages a request is about; None where there is no such tenant."""

Path: TypeAlias = tuple[str, Callable[[Pages, Request], Response]]

API: tuple[Path, ...] = (
    ("/status", Pages.api_status),
    ("/plan", Pages.api_plan),
    ("/passes", Pages.api_passes),
)
"""What there is as plain data."""

_PATHS: tuple[Path, ...] = (
    ("/", Pages.status_page),
    ("/collections", Pages.collections_page),
    ("/collections/{handle}", Pages.collection_page),
    ("/passes", Pages.passes_page),
    ("/passes/{pass_id}", Pages.pass_page),
    ("/healthz", Pages.healthz),
    ("/readyz", Pages.readyz),
    ("/metrics", Pages.metrics),
    *((f"/api/v1{path}", answer) for path, answer in API),
)


def page_routes(find: Find, below: str = "", paths: Sequence[Path] = _PATHS) -> list[Route]:
    """Paths of one tenant's pages (all of them), below a path that tells whose."""
    return [Route(below + path, partial(_answer, find, answer)) for path, answer in paths]


def _answer(find: Find, answer: Callable[[Pages, Request], Response], request: Request) -> Response:
    pages = find(request)
    if pages is not None:
        return answer(pages, request)
    told = "no such tenant here; the first page lists them all"
    if request.url.path.startswith("/api/"):
        return json_response({"error": told}, HTTPStatus.NOT_FOUND)
    return _nothing(told)


def _whole(request: Request, name: str, usual: int, most: int) -> int | None:
    """A number of the query, the usual one where it is not given; None when it cannot be."""
    written = request.query_params.get(name, str(usual))
    if not (written.isascii() and written.isdecimal() and len(written) <= len(str(most))):
        return None
    return number if 1 <= (number := int(written)) <= most else None


def _bad_number(name: str, most: int) -> Response:
    told = f"{name} must be a number from 1 to {most}"
    return json_response({"error": told}, HTTPStatus.BAD_REQUEST)


def checked(well: bool, document: Document) -> Response:
    """Answer a health check: 200 when all is well, else 503."""
    return json_response(document, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)


def json_response(document: Document, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer plain data."""
    return Response(dump(document).encode(), status, media_type="application/json")


def _nothing(told: str) -> Response:
    return PlainTextResponse(f"{told}\n", HTTPStatus.NOT_FOUND)
