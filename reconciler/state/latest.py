"""The last pass of each of many tenants, as it stands on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Select, Table, and_, func, select

from reconciler.core.outcome import Result
from reconciler.state.lease import PASS
from reconciler.state.records import PassRecord, Verdict, pass_record
from reconciler.state.schema import changes, creations, leases, passes
from reconciler.state.store import Store


@dataclass(frozen=True, slots=True)
class Latest:
    """A pass that has ended, without its changes, and how many of those were applied."""

    record: PassRecord
    applied: int


def latest_passes(store: Store, tenants: Collection[str], kind: str) -> Mapping[str, Latest]:
    """
    The last pass of this kind that each of the tenants has on record, whoever made it.

    None of those that have none. A pass that runs is not yet one, nor is one that died until
    the next finds it out. Raises `StateError`.
    """
    with store.read() as connection:
        rows = connection.execute(_latest(tenants, kind)).all()
    return {row.tenant: Latest(pass_record(row), row.applied) for row in rows}


def _latest(tenants: Collection[str], kind: str) -> Select[tuple[object, ...]]:
    """One statement: a few steps of an index for each tenant, however long its history."""
    ended = passes.alias()
    newest = (
        select(ended.c.id)
        .where(ended.c.tenant == leases.c.tenant, ended.c.kind == kind)
        .where(ended.c.verdict != Verdict.RUNNING.value)
        .order_by(ended.c.started_at.desc(), ended.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Every pass takes this lease and no row of it is ever deleted: a list of all tenants
    # that have a history, which the history itself has not got.
    its_pass = and_(passes.c.tenant == leases.c.tenant, passes.c.id == newest)
    applied = _applied(changes) + _applied(creations)
    return (
        select(passes, applied.label("applied"))
        .join_from(leases, passes, its_pass)
        .where(leases.c.name == PASS, leases.c.tenant.in_(tenants))
    )


def _applied(table: Table) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(table.c.tenant == passes.c.tenant, table.c.pass_id == passes.c.id)
        .where(table.c.outcome == Result.APPLIED.value)
        .scalar_subquery()
    )
