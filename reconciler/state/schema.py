"""
The tables of the state, and how times and texts are stored in them.

Every row belongs to a tenant, the host of its Studio or `sandbox`; except the members, who
are the daemons that share the tenants out among themselves. Instants are microseconds since
1970 in UTC. `migrations/` builds these tables; a test holds the two together.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.schema import SchemaItem

SCHEMA_VERSION: Final = "0002"
"""The revision this program reads and writes: the newest one in `migrations/versions`."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970; read back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + value * MICROSECOND


class AnyText(TypeDecorator[str]):
    r"""
    A text of any characters.

    Names come from people, and may hold what a database's text cannot: NUL (not in
    PostgreSQL) and half surrogates (in neither). These, and the backslash, are written
    as `\uXXXX`; everything else stays as it is.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return re.sub(r"[\\\x00\ud800-\udfff]", lambda hit: f"\\u{ord(hit[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return re.sub(r"\\u([0-9a-f]{4})", lambda hit: chr(int(hit[1], 16)), value)


def _holder() -> tuple[SchemaItem, ...]:
    """What a process is known by: the fields of `state.holder.Holder`."""
    return (
        Column("host", AnyText, nullable=False),
        Column("pid", BigInteger, nullable=False),
        Column("started", Text),
        Column("boot", Text),
        Column("namespace", Text),
    )


RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows for INTEGER only

metadata = MetaData()

passes = Table(
    "passes",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("config_digest", Text),
    Column("config_commit", Text),
    Column("summary", Text),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index("passes_by_time", "tenant", "started_at"),
    Index("passes_by_verdict", "tenant", "verdict"),
)

planned = Table(
    "planned",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("pass_id", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant", "pass_id"], ["passes.tenant", "passes.id"], ondelete="CASCADE"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("pass_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("collection_id", BigInteger),
    Column("collection_name", AnyText, nullable=False),
    Column("principal_type", Text, nullable=False),
    Column("principal_id", BigInteger, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("expired", Boolean, nullable=False),
    Column("removal", Boolean, nullable=False),
    Column("who", AnyText, nullable=False),
    Column("source_path", AnyText, nullable=False),
    Column("source_line", Integer, nullable=False),
    Column("source_column", Integer, nullable=False),
    Column("reason", AnyText),
    Column("hold", Text),
    Column("cause", Text),
    Column("outcome", Text),
    Column("error", AnyText),
    Column("final", Boolean, nullable=False),
    Column("may_land", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(["tenant", "pass_id"], ["passes.tenant", "passes.id"], ondelete="CASCADE"),
    Index("changes_by_pass", "tenant", "pass_id", "round"),
    Index("changes_by_time", "tenant", "at"),
    Index("changes_by_share", "tenant", "collection_id", "principal_type", "principal_id"),
)

creations = Table(
    "creations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("pass_id", Text, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("owner_id", BigInteger),
    Column("collection_id", BigInteger),
    Column("outcome", Text),
    Column("error", AnyText),
    Column("final", Boolean, nullable=False),
    Column("may_land", Boolean, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("unsettled", Boolean, nullable=False),
    ForeignKeyConstraint(["tenant", "pass_id"], ["passes.tenant", "passes.id"], ondelete="CASCADE"),
    Index("creations_by_pass", "tenant", "pass_id"),
    Index("creations_unsettled", "tenant", "unsettled"),
)

collections = Table(
    "collections",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", AnyText, primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", AnyText, primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("visible", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

applied_plans = Table(
    "applied_plans",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("plan_id", AnyText, primary_key=True),
    Column("fingerprint", AnyText, primary_key=True),
    Column("at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("nonce", Text),
    *_holder(),
    Column("since", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ttl", BigInteger, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("id", Text, primary_key=True),
    *_holder(),
    Column("since", Instant, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ttl", BigInteger, nullable=False),
    Column("tenants", Text, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("access", Text, nullable=False),
    Column("refresh", Text),
    Column("expires_at", Instant),
    Column("seed_digest", Text),
)

good_texts = Table(
    "good_texts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("path", AnyText, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
