"""Jobs and their leases, known datasets, early cancels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from babbitt.chassis.migrations import create_messaging_tables, drop_messaging_tables

revision = "0001"
down_revision = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    create_messaging_tables(op)
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("request", JSONB, nullable=False),
        sa.Column("cause", JSONB, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("deaths", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("checkpoint_epoch", sa.Integer),
        sa.Column("checkpoint", JSONB),
        sa.Column("holder", sa.String),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("renewed_at", sa.DateTime(timezone=True)),
        sa.Column("worked_s", sa.Float, nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    to_run = sa.text("state IN ('queued', 'running')")
    op.create_index("jobs_to_run", "jobs", ["created_at"], postgresql_where=to_run)
    op.create_index("jobs_waiting", "jobs", ["dataset"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_table(
        "datasets",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("sequence", sa.String, nullable=False),
        sa.Column("manifest", JSONB),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_table(
        "cancellations",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("reason", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )


def downgrade() -> None:
    op.drop_table("cancellations")
    op.drop_table("datasets")
    op.drop_table("jobs")
    drop_messaging_tables(op)
