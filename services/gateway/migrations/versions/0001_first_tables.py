"""Keys, read models, the prediction log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from babbitt.chassis.migrations import create_messaging_tables, drop_messaging_tables

revision = "0001"
down_revision = None

NOW = sa.text("now()")


def moment(name: str, *, required: bool = True) -> sa.Column:
    default = NOW if required else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required, server_default=default)


def upgrade() -> None:
    create_messaging_tables(op)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scopes", ARRAY(sa.String), nullable=False),
        moment("created_at"),
        moment("expires_at", required=False),
        moment("revoked_at", required=False),
    )
    _datasets()
    _training()
    _models()
    _predictions()


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("request_id", sa.String),
        sa.Column("configuration", JSONB),
        sa.Column("label", sa.String),
        sa.Column("source_kind", sa.String),
        sa.Column("shards_done", sa.Integer),
        sa.Column("shards", sa.Integer),
        sa.Column("split_kind", sa.String),
        sa.Column("counts", JSONB),
        sa.Column("data_spec", JSONB),
        sa.Column("manifest", JSONB),
        sa.Column("reason", sa.String),
        sa.Column("problem", JSONB),
        sa.Column("requested_by", sa.String),
        moment("created_at"),
        moment("updated_at"),
    )
    op.create_index("datasets_newest", "datasets", ["created_at", "id"])


def _training() -> None:
    op.create_table(
        "training_jobs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("request_id", sa.String),
        sa.Column("request", JSONB),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("dataset", sa.String),
        sa.Column("preset", sa.String),
        sa.Column("waits_for_dataset", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("attempt", sa.Integer),
        sa.Column("device", sa.String),
        sa.Column("epoch", sa.Integer),
        sa.Column("epochs", sa.Integer),
        sa.Column("evaluation", JSONB),
        sa.Column("parity", JSONB),
        sa.Column("artifact", JSONB),
        sa.Column("report", JSONB),
        sa.Column("seconds", sa.Float),
        sa.Column("failure_kind", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("problem", JSONB),
        sa.Column("requested_by", sa.String),
        moment("cancel_requested_at", required=False),
        moment("created_at"),
        moment("updated_at"),
    )
    op.create_index("training_jobs_newest", "training_jobs", ["created_at", "id"])
    op.create_table(
        "training_epochs",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("train_loss", sa.Float, nullable=False),
        sa.Column("validation_loss", sa.Float, nullable=False),
        sa.Column("validation_accuracy", sa.Float, nullable=False),
        sa.Column("learning_rate", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        moment("completed_at"),
    )


def _models() -> None:
    op.create_table(
        "model_versions",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("preset", sa.String, nullable=False),
        sa.Column("artifact", JSONB, nullable=False),
        sa.Column("data_spec", JSONB, nullable=False),
        sa.Column("model_spec", JSONB, nullable=False),
        sa.Column("evaluation", JSONB, nullable=False),
        moment("registered_at"),
    )
    op.create_table(
        "model_gates",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("gate", sa.String, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        moment("evaluated_at"),
    )
    op.create_table(
        "model_history",
        sa.Column("event_id", sa.String, primary_key=True),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("alias", sa.String),
        sa.Column("replaced", sa.Integer),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("requested_by", sa.String),
        moment("at"),
    )
    op.create_index("model_history_of_a_model", "model_history", ["model", "sequence"])
    op.create_table(
        "promotions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("alias", sa.String, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("replaced", sa.Integer),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("problem", JSONB),
        sa.Column("requested_by", sa.String),
        moment("created_at"),
        moment("updated_at"),
    )


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("machine", sa.String),
        sa.Column("answer", JSONB),
        sa.Column("problem", JSONB),
        sa.Column("requested_by", sa.String),
        moment("deadline_at", required=False),
        moment("created_at"),
        moment("completed_at", required=False),
    )
    op.create_index("predictions_newest", "predictions", ["created_at", "id"])
    op.create_index("predictions_of_a_machine", "predictions", ["machine", "created_at"])
    op.create_index("predictions_of_a_model", "predictions", ["model", "created_at"])
    op.create_index(
        "predictions_pending", "predictions", ["deadline_at"], postgresql_where=sa.text("state = 'pending'")
    )


def downgrade() -> None:
    for table in (
        "predictions",
        "promotions",
        "model_history",
        "model_gates",
        "model_versions",
        "training_epochs",
        "training_jobs",
        "datasets",
        "api_keys",
    ):
        op.drop_table(table)
    drop_messaging_tables(op)
