"""What pending jobs need, and the copies by digest: what retention and collection have to know."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "pending_needs",
        sa.Column("job_id", UUID, primary_key=True),
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    )
    op.create_index("pending_needs_of_a_model", "pending_needs", ["model"])
    op.create_table(
        "artifacts",
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("state", sa.String, server_default="held", nullable=False),
        sa.Column("condemned_at", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    op.drop_table("artifacts")
    op.drop_table("pending_needs")
