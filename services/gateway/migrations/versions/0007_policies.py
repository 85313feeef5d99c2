"""The rules of models, and changes of them that were asked for here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "model_policies",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("policy", JSONB, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("requested_by", sa.String),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.create_table(
        "policy_changes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("policy", JSONB, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("problem", JSONB),
        sa.Column("requested_by", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("policy_changes")
    op.drop_table("model_policies")
