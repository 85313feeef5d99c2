"""Models, versions, gate results, aliases and their history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from babbitt.chassis.migrations import create_messaging_tables, drop_messaging_tables

revision = "0001"
down_revision = None


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def upgrade() -> None:
    create_messaging_tables(op)
    op.create_table(
        "models",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        now("created_at"),
    )
    op.create_table(
        "versions",
        sa.Column("model", sa.String, sa.ForeignKey("models.name"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("job_id", UUID, nullable=False, unique=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("preset", sa.String, nullable=False),
        sa.Column("artifact", JSONB, nullable=False),
        sa.Column("data_spec", JSONB, nullable=False),
        sa.Column("model_spec", JSONB, nullable=False),
        sa.Column("evaluation", JSONB, nullable=False),
        sa.Column("parity", JSONB, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("finding", sa.String, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False, server_default="false"),
        now("registered_at"),
    )
    op.create_table(
        "gate_results",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("gate", sa.String, primary_key=True),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        now("evaluated_at"),
        sa.ForeignKeyConstraint(["model", "version"], ["versions.model", "versions.number"]),
    )
    op.create_table(
        "aliases",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("alias", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        now("assigned_at"),
        sa.ForeignKeyConstraint(["model", "version"], ["versions.model", "versions.number"]),
    )
    op.create_table(
        "alias_history",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("model", sa.String, nullable=False, index=True),
        sa.Column("alias", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("replaced", sa.Integer),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("requested_by", sa.String),
        sa.Column("automatic", sa.Boolean, nullable=False),
        now("at"),
    )
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'alias_history is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER alias_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alias_history "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in ("alias_history", "aliases", "gate_results", "versions", "models"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
    drop_messaging_tables(op)
