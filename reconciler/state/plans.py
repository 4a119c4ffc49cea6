"""Saved plans that were carried out: the same file a second time must write nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from reconciler.state.schema import applied_plans
from reconciler.state.store import Store


def claim(store: Store, fingerprint: str, plan_id: str, at: datetime) -> bool:
    """
    Take a saved plan to carry it out, once and for all. False when it was taken before.

    A plan made anew is another one, though its content and so its fingerprint may be
    the same: somebody undid by hand what the first one did.
    """
    key = {"tenant": store.tenant, "plan_id": plan_id, "fingerprint": fingerprint}
    with store.write() as connection:
        if connection.execute(select(applied_plans).filter_by(**key)).first():
            return False
        connection.execute(insert(applied_plans).values(**key, at=at))
        return True


def is_claimed(store: Store, fingerprint: str, plan_id: str) -> bool:
    """Whether a saved plan was carried out before, or is being carried out."""
    key = {"tenant": store.tenant, "plan_id": plan_id, "fingerprint": fingerprint}
    with store.read() as connection:
        return connection.execute(select(applied_plans).filter_by(**key)).first() is not None
