"""What was done to the recordings that a shard was made of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("shards", sa.Column("remarks", JSONB, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("shards", "remarks")
