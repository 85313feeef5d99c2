"""The registry's tables."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

METADATA = MetaData()

MODELS = Table(
    "models",
    METADATA,
    Column("name", String, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)

VERSIONS = Table(
    "versions",
    METADATA,
    Column("model", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("job_id", UUID, nullable=False, unique=True),
    Column("dataset", String, nullable=False),
    Column("preset", String, nullable=False),
    Column("artifact", JSONB, nullable=False),
    Column("data_spec", JSONB, nullable=False),
    Column("model_spec", JSONB, nullable=False),
    Column("evaluation", JSONB, nullable=False),
    Column("parity", JSONB(none_as_null=True)),
    Column("report", JSONB(none_as_null=True)),
    Column("predictions", JSONB(none_as_null=True)),
    Column("weights", JSONB(none_as_null=True)),
    Column("figures", JSONB, nullable=False, server_default="{}"),
    Column("variants", JSONB, nullable=False, server_default="[]"),
    Column("seeds", JSONB, nullable=False, server_default="[]"),
    Column("cross_validation", JSONB(none_as_null=True)),
    Column("lineage", JSONB, nullable=False, server_default="{}"),
    Column("verified", Boolean, nullable=False),
    Column("finding", String, nullable=False),
    Column("signed_by", String),
    Column("requested_by", String),
    Column("retired", Boolean, nullable=False, server_default="false"),
    Column("registered_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    ForeignKeyConstraint(["model"], ["models.name"]),
)
"""Numbered without a gap, and never changed but for `retired`, which stays: triggers hold it."""

GATE_RESULTS = Table(
    "gate_results",
    METADATA,
    Column("model", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("gate", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("measured", JSONB, nullable=False, server_default="{}"),
    Column("champion", Integer),
    Column("evaluated_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    ForeignKeyConstraint(["model", "version"], ["versions.model", "versions.number"]),
)

POLICIES = Table(
    "policies",
    METADATA,
    Column("model", String, primary_key=True),
    Column("policy", JSONB, nullable=False),
    Column("revision", BigInteger, nullable=False, server_default="1"),
    ForeignKeyConstraint(["model"], ["models.name"]),
)

TEST_SPLITS = Table(
    "test_splits",
    METADATA,
    Column("model", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("decisions", Integer, nullable=False),
    ForeignKeyConstraint(["model"], ["models.name"]),
)
"""How often a version was held against a champion on a test split."""

ALIASES = Table(
    "aliases",
    METADATA,
    Column("model", String, primary_key=True),
    Column("alias", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("assigned_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    ForeignKeyConstraint(["model", "version"], ["versions.model", "versions.number"]),
)

ALIAS_HISTORY = Table(
    "alias_history",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("model", String, nullable=False, index=True),
    Column("alias", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("replaced", Integer),
    Column("action", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("requested_by", String),
    Column("automatic", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)
"""Append-only: a trigger forbids to change or remove a row."""

PENDING_NEEDS = Table(
    "pending_needs",
    METADATA,
    Column("job_id", UUID, primary_key=True),
    Column("model", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Index("pending_needs_of_a_model", "model"),
)
"""The versions that jobs read which have not ended, as training tells it."""

ARTIFACTS = Table(
    "artifacts",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("state", String, nullable=False, server_default="held"),
    Column("condemned_at", DateTime(timezone=True)),
)
"""The registry's copies by digest, locked by who registers and by who collects.

Held, condemned or deleted. Whether one is referenced follows from `versions`.
"""
