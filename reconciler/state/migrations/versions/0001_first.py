"""The first schema: passes and what they did, what is remembered, leases, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "passes",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("config_digest", sa.Text),
        sa.Column("config_commit", sa.Text),
        sa.Column("summary", sa.Text),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Index("passes_by_time", "tenant", "started_at"),
        sa.Index("passes_by_verdict", "tenant", "verdict"),
    )
    op.create_table(
        "planned",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("pass_id", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "pass_id"], ["passes.tenant", "passes.id"], ondelete="CASCADE"
        ),
    )
    op.create_table(
        "changes",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("pass_id", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("collection_id", sa.BigInteger),
        sa.Column("collection_name", sa.Text, nullable=False),
        sa.Column("principal_type", sa.Text, nullable=False),
        sa.Column("principal_id", sa.BigInteger, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("expired", sa.Boolean, nullable=False),
        sa.Column("removal", sa.Boolean, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("source_path", sa.Text, nullable=False),
        sa.Column("source_line", sa.Integer, nullable=False),
        sa.Column("source_column", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("hold", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("may_land", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "pass_id"], ["passes.tenant", "passes.id"], ondelete="CASCADE"
        ),
        sa.Index("changes_by_pass", "tenant", "pass_id", "round"),
        sa.Index("changes_by_time", "tenant", "at"),
        sa.Index("changes_by_share", "tenant", "collection_id", "principal_type", "principal_id"),
    )
    op.create_table(
        "creations",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("pass_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner_id", sa.BigInteger),
        sa.Column("collection_id", sa.BigInteger),
        sa.Column("outcome", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("may_land", sa.Boolean, nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("unsettled", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "pass_id"], ["passes.tenant", "passes.id"], ondelete="CASCADE"
        ),
        sa.Index("creations_by_pass", "tenant", "pass_id"),
        sa.Index("creations_unsettled", "tenant", "unsettled"),
    )
    op.create_table(
        "collections",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "addresses",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "agreements",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("visible", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "applied_plans",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("plan_id", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("nonce", sa.Text),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("started", sa.Text),
        sa.Column("boot", sa.Text),
        sa.Column("namespace", sa.Text),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ttl", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("access", sa.Text, nullable=False),
        sa.Column("refresh", sa.Text),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("seed_digest", sa.Text),
    )
    op.create_table(
        "good_texts",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
