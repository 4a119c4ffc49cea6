"""What passes remember of the tenant: which collection was which, whose address was whose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, delete, insert, select

from reconciler.core.observed import Memory
from reconciler.state import schema
from reconciler.state.history import lost_creations, removals_since, restored_since
from reconciler.state.store import Store


def recall(store: Store, *, since: datetime) -> Memory:
    """All that earlier passes knew; removals and restorations are counted from `since` on."""
    tenant = store.tenant
    visible = select(schema.agreements.c.visible).where(schema.agreements.c.tenant == tenant)
    with store.read() as connection:
        lost = lost_creations(connection, tenant)
        return Memory(
            collections=_ids(connection, schema.collections, tenant),
            addresses=_ids(connection, schema.addresses, tenant),
            visible=connection.scalar(visible),
            removed_today=removals_since(connection, tenant, since),
            restored=restored_since(connection, tenant, since),
            lost=frozenset((each.name, each.owner_id) for each in lost),
        )


def managed(store: Store) -> Mapping[str, int]:
    """The ids of the collections the file named, by `core.declared.collection_key`."""
    with store.read() as connection:
        return _ids(connection, schema.collections, store.tenant)


def remember(
    store: Store,
    *,
    collections: Mapping[str, int],
    addresses: Mapping[str, int],
    visible: int | None,
    at: datetime,
) -> None:
    """
    Add what a pass learned, over what was known; what it does not name stays.

    `collections` is by `core.declared.collection_key`, `addresses` by the case-folded
    address; `visible` is None when the pass ended without agreement.
    """
    with store.write() as connection:
        _learn(connection, schema.collections, store.tenant, collections, at)
        _learn(connection, schema.addresses, store.tenant, addresses, at)
        if visible is not None:
            here = schema.agreements.c.tenant == store.tenant
            connection.execute(delete(schema.agreements).where(here))
            row = insert(schema.agreements).values(tenant=store.tenant, visible=visible, at=at)
            connection.execute(row)


def forget(store: Store, keys: Iterable[str]) -> None:
    """Forget collections that the file names no more, by `core.declared.collection_key`."""
    with store.write() as connection:
        _drop(connection, schema.collections, store.tenant, keys)


def _ids(connection: Connection, table: Table, tenant: str) -> dict[str, int]:
    rows = connection.execute(select(table.c.name, table.c.id).where(table.c.tenant == tenant))
    return {row.name: row.id for row in rows}


def _learn(
    connection: Connection, table: Table, tenant: str, ids: Mapping[str, int], at: datetime
) -> None:
    known = _ids(connection, table, tenant)
    news = {text: id for text, id in ids.items() if known.get(text) != id}
    _drop(connection, table, tenant, news)
    rows = [{"tenant": tenant, "name": text, "id": id, "at": at} for text, id in news.items()]
    if rows:
        connection.execute(insert(table), rows)


def _drop(connection: Connection, table: Table, tenant: str, texts: Iterable[str]) -> None:
    same = (table.c.tenant == tenant, table.c.name == bindparam("text"))
    rows = [{"text": text} for text in texts]
    if rows:
        connection.execute(delete(table).where(*same), rows)
