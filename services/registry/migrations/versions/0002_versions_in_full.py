"""All that came with a version, which never changes; measured gates; policies; how often test splits decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

ABSENT_OR_THERE = ("report", "predictions", "weights", "cross_validation")
EMPTY = {"figures": "{}", "variants": "[]", "seeds": "[]", "lineage": "{}"}
NO_PARITY = """
UPDATE versions SET parity = '{"max_abs_difference": 0, "bound": 0, "windows": 0}' WHERE parity IS NULL
"""
KEEP_VERSIONS = """
CREATE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM versions WHERE model = NEW.model) THEN
            RAISE EXCEPTION 'versions are numbered without a gap: % of % is not the next one', NEW.number, NEW.model;
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'retired' = to_jsonb(OLD) - 'retired' AND NEW.retired THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a version never changes, but that it is retired';
END $$
"""
REFUSE = """
CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    op.alter_column("versions", "parity", nullable=True)
    for name in ABSENT_OR_THERE:
        op.add_column("versions", sa.Column(name, JSONB))
    for name, empty in EMPTY.items():
        op.add_column("versions", sa.Column(name, JSONB, nullable=False, server_default=empty))
    op.add_column("versions", sa.Column("signed_by", sa.String))
    op.add_column("versions", sa.Column("requested_by", sa.String))
    op.add_column("gate_results", sa.Column("measured", JSONB, nullable=False, server_default="{}"))
    op.add_column("gate_results", sa.Column("champion", sa.Integer))
    op.create_table(
        "policies",
        sa.Column("model", sa.String, sa.ForeignKey("models.name"), primary_key=True),
        sa.Column("policy", JSONB, nullable=False),
    )
    op.create_table(
        "test_splits",
        sa.Column("model", sa.String, sa.ForeignKey("models.name"), primary_key=True),
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("decisions", sa.Integer, nullable=False),
    )
    op.execute(KEEP_VERSIONS)
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER versions_kept BEFORE INSERT OR UPDATE OR DELETE ON versions "
        "FOR EACH ROW EXECUTE FUNCTION keep_versions()"
    )
    op.execute(
        "CREATE TRIGGER versions_not_emptied BEFORE TRUNCATE ON versions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()"
    )
    op.execute(
        "CREATE TRIGGER gate_results_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gate_results "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()"
    )


def downgrade() -> None:
    for trigger, table in (
        ("gate_results_append_only", "gate_results"),
        ("versions_not_emptied", "versions"),
        ("versions_kept", "versions"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in ("refuse_loss", "keep_versions"):
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("test_splits")
    op.drop_table("policies")
    for name in ("champion", "measured"):
        op.drop_column("gate_results", name)
    for name in ("requested_by", "signed_by", *EMPTY, *ABSENT_OR_THERE):
        op.drop_column("versions", name)
    op.execute(NO_PARITY)
    op.alter_column("versions", "parity", nullable=False)
