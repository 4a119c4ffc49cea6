"""Everything that is served: which path shows what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.config.settings import PageAuth
from reconciler.core.document import Document, dump
from reconciler.core.plan import Plan
from reconciler.daemon import frame, page, page_collections, page_passes, status
from reconciler.daemon.board import Board
from reconciler.daemon.dues import Dues
from reconciler.daemon.gate import Gate
from reconciler.daemon.heartbeat import Heartbeat
from reconciler.daemon.metrics import Meter
from reconciler.daemon.page_passes import Passes
from reconciler.daemon.records import MOST, Records
from reconciler.errors import StateError
from reconciler.questions.history import history_document

USUAL = 50
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that the pages look at. `records` gives those of the tenant of the moment."""

    board: Board
    meter: Meter
    heartbeat: Heartbeat
    dues: Dues
    records: Callable[[], Records]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def application(view: View, auth: PageAuth | None, environment: Mapping[str, str]) -> ASGIApp:
    """Make the pages, behind their gate."""
    app = Starlette(routes=_Pages(view).routes())
    # It would answer with an address that the client's Host header makes up.
    app.router.redirect_slashes = False
    return Gate(app, auth, environment, frame.policy())


class _Pages:
    """One method a path. Each takes the snapshot of the moment and shows that."""

    def __init__(self, view: View) -> None:
        self._view = view

    def routes(self) -> list[Route]:
        return [
            Route("/", self.status_page),
            Route("/collections", self.collections_page),
            Route("/collections/{handle}", self.collection_page),
            Route("/passes", self.passes_page),
            Route("/passes/{pass_id}", self.pass_page),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/api/v1/status", self.api_status),
            Route("/api/v1/plan", self.api_plan),
            Route("/api/v1/passes", self.api_passes),
        ]

    def status_page(self, _request: Request) -> Response:
        passes = self._passes(page_passes.FEW)
        return HTMLResponse(page.status_page(self._view.board.snapshot, passes, self._view.clock()))

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
        return _checked(*status.health(self._view.heartbeat))

    def readyz(self, _request: Request) -> Response:
        return _checked(*status.readiness(self._view.dues, self._view.board.snapshot))

    def metrics(self, _request: Request) -> Response:
        return Response(self._view.meter.exposition(), media_type=_EXPOSITION)

    def api_status(self, _request: Request) -> Response:
        return _json(status.status_document(self._view.board.snapshot))

    def api_plan(self, _request: Request) -> Response:
        last = self._view.board.snapshot.last
        if last is None:
            return _json({"error": "no pass has planned yet"}, HTTPStatus.NOT_FOUND)
        return Response(last.document, media_type="application/json")

    def api_passes(self, request: Request) -> Response:
        limit = _whole(request, "limit", USUAL, MOST)
        if limit is None:
            return _bad_number("limit", MOST)
        passes = self._passes(limit)
        if passes.trouble is not None:
            return _json({"error": passes.trouble}, HTTPStatus.SERVICE_UNAVAILABLE)
        return _json(history_document(passes.found))

    def _passes(self, limit: int) -> Passes:
        try:
            return Passes(self._view.records().passes(limit, self._view.clock()))
        except StateError as error:
            return Passes(trouble=error.message)


def _whole(request: Request, name: str, usual: int, most: int) -> int | None:
    """A number of the query, the usual one where it is not given; None when it cannot be."""
    written = request.query_params.get(name, str(usual))
    if not (written.isascii() and written.isdecimal() and len(written) <= len(str(most))):
        return None
    return number if 1 <= (number := int(written)) <= most else None


def _bad_number(name: str, most: int) -> Response:
    told = f"{name} must be a number from 1 to {most}"
    return _json({"error": told}, HTTPStatus.BAD_REQUEST)


def _checked(well: bool, document: Document) -> Response:
    return _json(document, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)


def _json(document: Document, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(dump(document).encode(), status, media_type="application/json")


def _nothing(told: str) -> Response:
    return PlainTextResponse(f"{told}\n", HTTPStatus.NOT_FOUND)
