"""Leases of GPUs, and which jobs have been told to wait for one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "device_leases",
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("job", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("jobs", sa.Column("waits_for_device", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("jobs", "waits_for_device")
    op.drop_table("device_leases")
