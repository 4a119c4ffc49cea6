"""What a request must be at the moment it is sent: planned, not held, and written down before."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import httpx

from reconciler.state.history import History
from reconciler.state.records import PassRecord, Verdict
from reconciler.state.store import Store
from reconciler.state.tokens import TokenStore
from tests.laws.mortal import SEED
from tests.laws.worlds import Plain


def check(request: httpx.Request, store: Store) -> None:
    """Ask of a request that is about to be sent whether it may be."""
    path = request.url.path
    if path.endswith("/oauth/token"):
        _newest_token(request, store)
    elif request.method == "POST" and path.endswith("/permissions"):
        _share_on_record(request, store)
    elif request.method == "POST":
        _creation_on_record(request, store)


def _newest_token(request: httpx.Request, store: Store) -> None:
    """The refresh token that is spent is the one last stored: none is ever spent twice."""
    given = parse_qs(request.content.decode())["refresh_token"][0]
    stored = TokenStore(store).load()
    assert given == (stored.refresh if stored is not None else SEED)


def _running(store: Store) -> tuple[PassRecord, Any]:
    history = History(store)
    record = history.read(history.passes(1)[0].id)
    assert record.verdict is Verdict.RUNNING, record.verdict
    return record, history.plans(record.id)[-1]


def _share_on_record(request: httpx.Request, store: Store) -> None:
    record, plan = _running(store)
    id = int(request.url.path.split("/")[-2])
    born = {each.collection_id: each.name for each in record.creations}
    entries = [
        each
        for each in plan["collections"]
        if each["id"] == id or (each["action"] == "create" and each["name"] == born.get(id))
    ]
    intended = {
        (row.change.action.value, row.change.principal.type.value, row.change.principal.id)
        for row in record.changes
        if row.outcome is None and row.collection_id == id
    }
    body = json.loads(request.content)
    for action in body["permissions"] if isinstance(body, dict) else body:
        assert any(_plans(entry, action) for entry in entries), ("not planned, or held", action)
        told = (action["action"], action["share_type"], action["id"])
        assert told in intended, ("sent before it was written down", action)


def _plans(entry: Plain, action: Plain) -> bool:
    return entry["hold"] is None and any(
        change["hold"] is None
        and (change["action"], change["share_type"], change["id"])
        == (action["action"], action["share_type"], action["id"])
        and change["permission_type"] == action.get("permission_type")
        for change in entry["changes"]
    )


def _creation_on_record(request: httpx.Request, store: Store) -> None:
    record, plan = _running(store)
    name = request.url.params["name"]
    assert any(
        each["name"] == name and each["action"] == "create" and each["hold"] is None
        for each in plan["collections"]
    ), ("not planned, or held", name)
    assert any(each.name == name and each.outcome is None for each in record.creations), (
        "sent before it was written down",
        name,
    )
