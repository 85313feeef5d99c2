"""Retention that was asked for here; what gates measured, and beside which champion."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("model_gates", sa.Column("measured", JSONB, server_default="{}", nullable=False))
    op.add_column("model_gates", sa.Column("champion", sa.Integer))
    op.create_table(
        "retentions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("retired", ARRAY(sa.Integer)),
        sa.Column("kept", JSONB),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("problem", JSONB),
        sa.Column("requested_by", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("retentions")
    op.drop_column("model_gates", "champion")
    op.drop_column("model_gates", "measured")
