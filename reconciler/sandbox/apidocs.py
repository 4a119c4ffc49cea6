"""The service's own Swagger document, made from the table of routes."""

from __future__ import annotations

import re

from reconciler.sandbox.routes import PREFIX, ROUTES, Route
from reconciler.sandbox.wire import Json


def swagger() -> Json:
    """Describe every route that the sandbox answers, in Swagger 2."""
    paths: dict[str, dict[str, Json]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "swagger": "2.0",
        "info": {"title": "Studio public API (sandbox)", "version": "v1"},
        "basePath": PREFIX,
        "paths": paths,
    }


def _operation(route: Route) -> Json:
    return {
        "summary": route.summary,
        "parameters": [
            *(_parameter(name, "path") for name in re.findall(r"{(\w+)}", route.path)),
            *(_parameter(name, "query") for name in route.query),
            *([_body()] if route.path.endswith(("permissions", "update")) else []),
        ],
        "responses": {"200": {"description": "done", "schema": _schema(route.answers)}},
    }


def _parameter(name: str, place: str) -> Json:
    text = name in {"name", "email"}
    return {
        "name": name,
        "in": place,
        "type": "string" if text else "integer",
        "required": place == "path" or text,
        "description": name.replace("_", " "),
    }


def _body() -> Json:
    return {
        "name": "actions",
        "in": "body",
        "required": True,
        "description": "the actions to carry out",
        "schema": {"type": "array", "items": {"type": "object"}},
    }


def _schema(key: str) -> Json:
    kind = "array" if key.endswith("s") else "object"
    return {"type": "object", "properties": {key: {"type": kind}}}
