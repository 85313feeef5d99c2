"""Epochs of runs of which nothing was held out."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COLUMNS = ("validation_loss", "validation_accuracy")


def upgrade() -> None:
    for name in COLUMNS:
        op.alter_column("training_curves", name, existing_type=sa.Float, nullable=True)


def downgrade() -> None:
    curves = sa.table("training_curves", *map(sa.column, COLUMNS))
    for name in COLUMNS:
        op.execute(curves.update().where(curves.c[name].is_(None)).values({name: 0.0}))
        op.alter_column("training_curves", name, existing_type=sa.Float, nullable=False)
