"""How large datasets are, when they were last used, and who needs them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("datasets", sa.Column("size_bytes", sa.BigInteger))
    op.add_column("datasets", sa.Column("ready_at", sa.DateTime(timezone=True)))
    op.create_index("training_jobs_of_a_dataset", "training_jobs", ["dataset"])
    op.create_index("model_versions_of_a_dataset", "model_versions", ["dataset"])


def downgrade() -> None:
    op.drop_index("model_versions_of_a_dataset", "model_versions")
    op.drop_index("training_jobs_of_a_dataset", "training_jobs")
    op.drop_column("datasets", "ready_at")
    op.drop_column("datasets", "size_bytes")
