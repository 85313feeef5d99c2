"""Jobs with a checkpoint are found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    there = sa.text("checkpoint_epoch IS NOT NULL")
    op.create_index("jobs_with_checkpoint", "jobs", ["updated_at"], postgresql_where=there)


def downgrade() -> None:
    op.drop_index("jobs_with_checkpoint", "jobs")
