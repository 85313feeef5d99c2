"""Since which revision a model's rules hold: of two who change them, knowing the same, one is refused."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # 1: what was kept until now, and by code that knows no revision, is a model's own all the same
    op.add_column("policies", sa.Column("revision", sa.BigInteger, server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("policies", "revision")
