"""Studies and their trials."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("request", JSONB, nullable=False),
        sa.Column("cause", JSONB, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("hopeless", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_table(
        "trials",
        sa.Column("study", sa.Uuid, sa.ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("job", sa.Uuid, nullable=False),
        sa.Column("settings", JSONB, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("losses", JSONB, nullable=False),
        sa.Column("loss", sa.Float),
    )


def downgrade() -> None:
    op.drop_table("trials")
    op.drop_table("studies")
