"""Jobs of several kinds and runs, several checkpoints each; what aliases and version numbers point at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("kind", sa.String, nullable=False, server_default="training"))
    op.add_column("jobs", sa.Column("run", sa.Integer, nullable=False, server_default="1"))
    op.add_column("jobs", sa.Column("checkpoints", JSONB, nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("study", sa.Uuid))
    op.add_column("jobs", sa.Column("trial", sa.Integer))
    # Checkpoints of before are of another format: a job that has one begins anew.
    op.drop_index("jobs_with_checkpoint", "jobs")
    op.create_index("jobs_with_checkpoints", "jobs", ["updated_at"], postgresql_where=sa.text("checkpoints <> '[]'"))
    op.create_index("jobs_of_study", "jobs", ["study"], postgresql_where=sa.text("study IS NOT NULL"))
    op.create_table(
        "model_references",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("reference", sa.String, primary_key=True),
        sa.Column("sequence", sa.String, nullable=False),
        sa.Column("assigned", JSONB),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")
        ),
    )


def downgrade() -> None:
    op.drop_table("model_references")
    op.drop_index("jobs_of_study", "jobs")
    op.drop_index("jobs_with_checkpoints", "jobs")
    there = sa.text("checkpoint_epoch IS NOT NULL")
    op.create_index("jobs_with_checkpoint", "jobs", ["updated_at"], postgresql_where=there)
    for column in ("trial", "study", "checkpoints", "run", "kind"):
        op.drop_column("jobs", column)
