"""What was measured of a shard's records, for the quality report."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("shards", sa.Column("quality", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("shards", "quality")
