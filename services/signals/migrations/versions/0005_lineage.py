"""Which versions of models were trained on which datasets."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "lineage",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("dataset_id", sa.String, nullable=False),
        sa.Column("retired", sa.Boolean, server_default=sa.text("false"), nullable=False),
    )
    op.create_index("lineage_of_a_dataset", "lineage", ["dataset_id"], postgresql_where=sa.text("NOT retired"))


def downgrade() -> None:
    op.drop_table("lineage")
