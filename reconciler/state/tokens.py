"""
The OAuth tokens, kept across processes.

Each refresh makes the refresh token before it worthless, so a pair is on disk before
`save` returns, and only one process refreshes at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from reconciler.state.clock import SYSTEM, Clock
from reconciler.state.keeper import LeaseKeeper
from reconciler.state.lease import TOKEN
from reconciler.state.schema import tokens
from reconciler.state.store import Store

REFRESH_TTL: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """
    A pair as stored. The tokens never show in its repr.

    `seed_digest` tells which first refresh token, given by a person, the pair descends
    from: another one newly given wins over what is stored.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime | None
    seed_digest: str | None


class TokenStore:
    """The tenant's tokens."""

    def __init__(self, store: Store, *, clock: Clock = SYSTEM) -> None:
        self._store = store
        self._clock = clock

    def load(self) -> StoredTokens | None:
        with self._store.read() as connection:
            return self._stored(connection)

    def save(self, pair: StoredTokens, *, replaces: StoredTokens | None = None) -> bool:
        """
        Store a pair; it is on disk when this returns True.

        With `replaces`, only if that is what is stored still: somebody who was faster
        keeps the upper hand, and this returns False.
        """
        with self._store.write() as connection:
            if replaces is not None and self._stored(connection) != replaces:
                return False
            connection.execute(delete(tokens).where(tokens.c.tenant == self._store.tenant))
            connection.execute(
                insert(tokens).values(
                    tenant=self._store.tenant,
                    access=pair.access,
                    refresh=pair.refresh,
                    expires_at=pair.expires_at,
                    seed_digest=pair.seed_digest,
                )
            )
            return True

    def refreshing(self) -> LeaseKeeper:
        """
        The short lease to refresh under: `with tokens.refreshing(): …`.

        Load again inside: whoever had it before may have refreshed already. Raises
        `Busy` when somebody else keeps it for a minute.
        """
        return LeaseKeeper(self._store, TOKEN, ttl=REFRESH_TTL, clock=self._clock)

    def _stored(self, connection: Connection) -> StoredTokens | None:
        mine = select(tokens).where(tokens.c.tenant == self._store.tenant)
        row = connection.execute(mine).one_or_none()
        if row is None:
            return None
        return StoredTokens(row.access, row.refresh, row.expires_at, row.seed_digest)
