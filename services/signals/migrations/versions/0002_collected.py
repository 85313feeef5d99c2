"""Which attempts at a dataset have left nothing in the object store any more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("datasets", sa.Column("collected", sa.Integer, server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("datasets", "collected")
