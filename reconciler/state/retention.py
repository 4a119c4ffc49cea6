"""
What the state forgets, so that it does not grow for ever.

Passes and what they changed stay for more than a year. A whole plan is kept for
a month: it is what takes room, and what it changed is told by the pass. Nothing
goes that runs, or that a later pass has still to settle.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Delete, delete, exists, func, select

from reconciler.state import schema
from reconciler.state.records import Verdict
from reconciler.state.schema import passes, planned
from reconciler.state.store import Store

PASSES: Final = timedelta(days=400)
"""More than a year, so that the same week of the last one is there."""

PLANS: Final = timedelta(days=30)

TOGETHER: Final = timedelta(days=1)
"""What is due is forgotten a day's worth at a time: a pass looks, and mostly does nothing."""


def forget_old(store: Store, now: datetime) -> None:
    """Forget what is too old, if a day's worth of it is there, and give back the room it took."""
    with store.read() as connection:
        if not any(_due(connection, store.tenant, now - TOGETHER)):
            return
    with store.write() as connection:
        gone = [connection.execute(each).rowcount for each in _deletions(store.tenant, now)]
    if any(gone):
        store.reclaim()


def _due(connection: Connection, tenant: str, now: datetime) -> Iterator[bool]:
    """Whether the oldest pass, and the oldest plan, are too old. Each is one step of an index."""
    first_pass = select(func.min(passes.c.started_at)).where(passes.c.tenant == tenant)
    # Ids of passes sort by time.
    first_plan = select(func.min(planned.c.pass_id)).where(planned.c.tenant == tenant)
    its_pass = select(passes.c.started_at).where(
        passes.c.tenant == tenant, passes.c.id == first_plan.scalar_subquery()
    )
    for oldest, kept in ((first_pass, PASSES), (its_pass, PLANS)):
        at: datetime | None = connection.scalar(oldest)
        yield at is not None and at < now - kept


def _deletions(tenant: str, now: datetime) -> Iterator[Delete]:
    creation, plan = schema.creations.c, schema.applied_plans.c
    open_creation = exists().where(
        creation.tenant == passes.c.tenant,
        creation.pass_id == passes.c.id,
        creation.unsettled,
    )
    yield delete(passes).where(
        passes.c.tenant == tenant,
        passes.c.started_at < now - PASSES,
        passes.c.verdict != Verdict.RUNNING.value,
        ~open_creation,
    )
    old_pass = exists().where(
        passes.c.tenant == planned.c.tenant,
        passes.c.id == planned.c.pass_id,
        passes.c.started_at < now - PLANS,
        passes.c.verdict != Verdict.RUNNING.value,
    )
    yield delete(planned).where(planned.c.tenant == tenant, old_pass)
    yield delete(schema.applied_plans).where(plan.tenant == tenant, plan.at < now - PASSES)
