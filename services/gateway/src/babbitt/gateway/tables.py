"""The gateway's tables: API keys, what was asked for, and read models built from events."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    func,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

TABLES = MetaData()


def _time(name: str, *, required: bool = True) -> Column[object]:
    """A moment in UTC; required ones default to the transaction's time."""
    if required:
        return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())
    return Column(name, DateTime(timezone=True))


def _json(name: str, *, required: bool = False) -> Column[object]:
    """JSON; None is SQL's null."""
    return Column(name, JSONB(none_as_null=True), nullable=not required)


API_KEYS = Table(
    "api_keys",
    TABLES,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", ARRAY(String), nullable=False),
    _time("created_at"),
    _time("expires_at", required=False),
    _time("revoked_at", required=False),
)
"""Keys by their public half; of the secret half only the SHA-256."""

DATASETS = Table(
    "datasets",
    TABLES,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("sequence", BigInteger, nullable=False, server_default="0"),
    Column("request_id", String),
    _json("configuration"),
    Column("label", String),
    Column("source_kind", String),
    Column("shards_done", Integer),
    Column("shards", Integer),
    Column("split_kind", String),
    _json("counts"),
    _json("data_spec"),
    _json("manifest"),
    Column("size_bytes", BigInteger),
    _json("report"),
    Column("findings", ARRAY(String), nullable=False, server_default="{}"),
    Column("split_in_time", ARRAY(String), nullable=False, server_default="{}"),
    _time("ready_at", required=False),
    Column("reason", String),
    _json("problem"),
    Column("requested_by", String),
    _time("created_at"),
    _time("updated_at"),
    Index("datasets_newest", "created_at", "id"),
)
"""One row a dataset.

`sequence`: of the last event told of it; `request_id`: of the last request from here; `ready_at`: when it was last said
to be ready, which is said to everyone who asks for it again.
"""

TRAINING_JOBS = Table(
    "training_jobs",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("state", String, nullable=False),
    Column("sequence", BigInteger, nullable=False, server_default="0"),
    Column("request_id", String),
    _json("request"),
    Column("kind", String, nullable=False, server_default="training"),
    Column("study", Uuid),
    Column("model", String, nullable=False),
    Column("version", Integer),
    Column("dataset", String),
    Column("preset", String),
    Column("waits_for_dataset", Boolean, nullable=False, server_default="false"),
    Column("attempt", Integer),
    Column("device", String),
    Column("run", Integer),
    Column("runs", Integer),
    Column("epoch", Integer),
    Column("epochs", Integer),
    _json("evaluation"),
    _json("parity"),
    _json("artifact"),
    _json("report"),
    Column("seconds", Float),
    Column("failure_kind", String),
    Column("reason", String),
    _json("problem"),
    Column("requested_by", String),
    _time("cancel_requested_at", required=False),
    _time("created_at"),
    _time("updated_at"),
    Index("training_jobs_newest", "created_at", "id"),
    Index("training_jobs_of_a_dataset", "dataset"),
)
"""One row a job of whichever kind, as `datasets`. `version`: the one that an evaluation is about."""

TRAINING_CURVES = Table(
    "training_curves",
    TABLES,
    Column("job_id", Uuid, primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("run_name", String, nullable=False, server_default=""),
    Column("train_loss", Float, nullable=False),
    Column("validation_loss", Float),
    Column("validation_accuracy", Float),
    Column("learning_rate", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("metrics", JSONB, nullable=False, server_default="{}"),
    Column("eta_s", Float),
    _time("completed_at"),
)
"""Training curves: one row an epoch of a run."""

MODEL_VERSIONS = Table(
    "model_versions",
    TABLES,
    Column("model", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("job_id", Uuid, nullable=False),
    Column("dataset", String, nullable=False),
    Column("preset", String, nullable=False),
    _json("artifact", required=True),
    _json("data_spec", required=True),
    _json("model_spec", required=True),
    _json("evaluation", required=True),
    *map(_json, ("report", "predictions", "weights", "parity", "cross_validation")),
    *(Column(name, JSONB, nullable=False, server_default="{}") for name in ("figures", "lineage")),
    *(Column(name, JSONB, nullable=False, server_default="[]") for name in ("variants", "seeds")),
    Column("verified", Boolean, nullable=False, server_default=true()),
    Column("finding", String, nullable=False, server_default=""),
    Column("signed_by", String),
    Column("requested_by", String),
    _time("registered_at"),
    Index("model_versions_of_a_dataset", "dataset"),
)
"""What was registered."""

MODEL_GATES = Table(
    "model_gates",
    TABLES,
    Column("model", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("gate", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("measured", JSONB, nullable=False, server_default="{}"),
    Column("champion", Integer),
    _time("evaluated_at"),
)
"""The last result of each gate of a version."""

MODEL_HISTORY = Table(
    "model_history",
    TABLES,
    Column("event_id", String, primary_key=True),
    Column("model", String, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("alias", String),
    Column("replaced", Integer),
    Column("reason", String, nullable=False),
    Column("automatic", Boolean, nullable=False, server_default="false"),
    Column("requested_by", String),
    _time("at"),
    Index("model_history_of_a_model", "model", "sequence"),
)
"""How aliases moved and went, and which versions were retired; append-only."""

PROMOTIONS = Table(
    "promotions",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("model", String, nullable=False),
    Column("alias", String, nullable=False),
    Column("version", Integer),
    Column("replaced", Integer),
    Column("reason", String, nullable=False),
    _json("problem"),
    Column("requested_by", String),
    _time("created_at"),
    _time("updated_at"),
)
"""Aliases that were to be moved or taken away by requests from here, and what became of them.

The id is the request's event id.
"""

RETENTIONS = Table(
    "retentions",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("state", String, nullable=False),
    Column("model", String, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("retired", ARRAY(Integer)),
    _json("kept"),
    Column("reason", String, nullable=False),
    _json("problem"),
    Column("requested_by", String),
    _time("created_at"),
    _time("updated_at"),
)
"""Retention that was asked for here, as `promotions`."""

MODEL_POLICIES = Table(
    "model_policies",
    TABLES,
    Column("model", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    _json("policy", required=True),
    Column("reason", String, nullable=False),
    Column("requested_by", String),
    _time("changed_at"),
)
"""The rules for each model's next versions."""

POLICY_CHANGES = Table(
    "policy_changes",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("state", String, nullable=False),
    Column("model", String, nullable=False),
    _json("policy", required=True),
    Column("reason", String, nullable=False),
    _json("problem"),
    Column("requested_by", String),
    _time("created_at"),
    _time("updated_at"),
)
"""Changes of rules that were asked for here, as `promotions`."""

PREDICTIONS = Table(
    "predictions",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("state", String, nullable=False),
    Column("model", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("machine", String),
    _json("answer"),
    _json("problem"),
    Column("requested_by", String),
    _time("deadline_at", required=False),
    _time("created_at"),
    _time("completed_at", required=False),
    Index("predictions_newest", "created_at", "id"),
    Index("predictions_of_a_machine", "machine", "created_at"),
    Index("predictions_of_a_model", "model", "created_at"),
    Index("predictions_pending", "deadline_at", postgresql_where="state = 'pending'"),
)
"""The prediction log: the first result on the topic is the answer."""
