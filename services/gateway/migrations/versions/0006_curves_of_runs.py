"""Curves of jobs with several runs; jobs of all kinds.

`training_epochs` stays as it is for gateways that still run; a later migration drops it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

LOSSES = ("train_loss", "validation_loss", "validation_accuracy", "learning_rate", "seconds")


def upgrade() -> None:
    op.create_table(
        "training_curves",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("run", sa.Integer, primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True),
        sa.Column("run_name", sa.String, server_default="", nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in LOSSES),
        sa.Column("metrics", JSONB, server_default="{}", nullable=False),
        sa.Column("eta_s", sa.Float),
        sa.Column("completed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.execute("""
        INSERT INTO training_curves (
            job_id, run, epoch, train_loss, validation_loss, validation_accuracy, learning_rate, seconds, completed_at
        )
        SELECT job_id, 1, epoch, train_loss, validation_loss, validation_accuracy, learning_rate, seconds, completed_at
        FROM training_epochs
    """)
    op.add_column("training_jobs", sa.Column("kind", sa.String, server_default="training", nullable=False))
    op.add_column("training_jobs", sa.Column("study", sa.Uuid))
    for name in ("version", "run", "runs"):
        op.add_column("training_jobs", sa.Column(name, sa.Integer))


def downgrade() -> None:
    for name in ("runs", "run", "version", "study", "kind"):
        op.drop_column("training_jobs", name)
    op.drop_table("training_curves")
