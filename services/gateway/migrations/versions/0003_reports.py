"""The quality reports of datasets: where they are, and what they found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("datasets", sa.Column("report", JSONB))
    for name in ("findings", "split_in_time"):
        op.add_column("datasets", sa.Column(name, ARRAY(sa.String), server_default="{}", nullable=False))


def downgrade() -> None:
    for name in ("split_in_time", "findings", "report"):
        op.drop_column("datasets", name)
