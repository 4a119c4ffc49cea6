"""Passes on record, read through a connection of their own at each request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from reconciler.questions.history import Account, account_of, passes_on_record
from reconciler.state.records import PassRecord
from reconciler.state.store import open_store_readonly

MOST = 200
"""How many passes one request may ask for."""


@dataclass(frozen=True, slots=True)
class Records:
    """One tenant's records. The place may hold a password."""

    place: str = field(repr=False)
    tenant: str

    def passes(self, limit: int, now: datetime) -> tuple[PassRecord, ...]:
        """The last passes, the newest first. Raises StateError."""
        store = open_store_readonly(self.place, tenant=self.tenant)
        if store is None:
            return ()
        with store:
            return passes_on_record(store, min(limit, MOST), now)

    def account(self, pass_id: str, now: datetime) -> Account | None:
        """All that one pass did; None where there is no state. Raises StateError."""
        store = open_store_readonly(self.place, tenant=self.tenant)
        if store is None:
            return None
        with store:
            return account_of(store, pass_id, now)
