"""Doctor's look at the memory and at the tokens: can they be used, whose are they just now."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from reconciler.core.document import instant
from reconciler.questions.doctor import Finding, Grade
from reconciler.questions.living import living_holder
from reconciler.state import postgres
from reconciler.state.lease import PASS, SEAT, TOKEN
from reconciler.state.schema import SCHEMA_VERSION
from reconciler.state.store import Store, open_store_readonly
from reconciler.state.tokens import TokenStore

LEASES = {PASS: "a pass is in hand", SEAT: "a daemon runs", TOKEN: "a token is being renewed"}
LIVES = "a plain access token dies two hours after it was made, and no pass works after that"


def memory(place: str, tenant: str, now: datetime) -> Iterator[Finding]:
    """Whether the state can be read and written, what schema it has, who holds its leases."""
    shown = _shown(place)
    troubles = [] if "://" in place else list(_writable(Path(place)))
    yield from troubles
    store = open_store_readonly(place, tenant=tenant)
    if store is None and troubles:
        return
    if store is None:
        text = f"{shown}: not there yet, or of an older program; the next pass sees to it"
        yield Finding("state", Grade.OK, text)
        return
    with store:
        size = "" if "://" in place else f", {_size(Path(place))} KiB"
        yield Finding("state", Grade.OK, f"{shown}: schema {SCHEMA_VERSION}{size}")
        yield from _held(store, now)


def plain_token() -> Iterator[Finding]:
    """What a token made by hand is good for."""
    yield Finding(
        "token",
        Grade.WARN,
        LIVES,
        "for a daemon, write client_id and client_secret under studio.auth, and run "
        "`reconciler login`",
    )


def renewed_tokens(place: str, tenant: str, *, seeded: bool, now: datetime) -> Iterator[Finding]:
    """Whether there are tokens that renew themselves, and how long the one in use lives."""
    store = open_store_readonly(place, tenant=tenant)
    if store is None:
        stored = None
    else:
        with store:
            stored = TokenStore(store).load()
    if stored is None and not seeded:
        yield Finding("token", Grade.FAIL, "there is no token yet", "run `reconciler login`")
    elif stored is None or stored.expires_at is None:
        yield Finding("token", Grade.OK, "renews itself")
    else:
        left = "lives until" if stored.expires_at > now else "ended at"
        text = f"renews itself; the access token in use {left} {instant(stored.expires_at)}"
        yield Finding("token", Grade.OK, text)


def _shown(place: str) -> str:
    """The place without what is secret in it."""
    return postgres.shown(postgres.read_url(place)) if "://" in place else place


def _writable(path: Path) -> Iterator[Finding]:
    wanted = path if path.exists() else path.parent
    if not path.parent.is_dir():
        remedy = "make it, or set `state` in the file, or $RECONCILER_STATE"
        yield Finding("state", Grade.FAIL, f"the folder {path.parent} is not there", remedy)
    elif not (os.access(wanted, os.W_OK) and os.access(path.parent, os.W_OK)):
        remedy = "give this user the right to write the file and its folder"
        yield Finding("state", Grade.FAIL, f"{path} cannot be written", remedy)


def _held(store: Store, now: datetime) -> Iterator[Finding]:
    for name, what in LEASES.items():
        held = living_holder(store, name, now)
        if held is not None:
            text = f"{what}: {held.holder} since {instant(held.since)}"
            yield Finding("state", Grade.OK, text)


def _size(path: Path) -> int:
    parts = (path, path.with_name(f"{path.name}-wal"))
    return sum(each.stat().st_size for each in parts if each.exists()) // 1024
