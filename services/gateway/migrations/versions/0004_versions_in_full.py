"""All that the registry says of a version: where its files are, what it is made of, how its variants did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

OBJECTS = ("report", "predictions", "weights", "parity", "cross_validation")
COLLECTIONS = {"figures": "{}", "lineage": "{}", "variants": "[]", "seeds": "[]"}


def upgrade() -> None:
    for name in OBJECTS:
        op.add_column("model_versions", sa.Column(name, JSONB))
    for name, empty in COLLECTIONS.items():
        op.add_column("model_versions", sa.Column(name, JSONB, server_default=empty, nullable=False))
    op.add_column("model_versions", sa.Column("verified", sa.Boolean, server_default=sa.true(), nullable=False))
    op.add_column("model_versions", sa.Column("finding", sa.String, server_default="", nullable=False))
    for name in ("signed_by", "requested_by"):
        op.add_column("model_versions", sa.Column(name, sa.String))


def downgrade() -> None:
    for name in ("requested_by", "signed_by", "finding", "verified", *reversed(COLLECTIONS), *reversed(OBJECTS)):
        op.drop_column("model_versions", name)
