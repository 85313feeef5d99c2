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
    Column("parity", JSONB, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("finding", String, nullable=False),
    Column("retired", Boolean, nullable=False, server_default="false"),
    Column("registered_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    ForeignKeyConstraint(["model"], ["models.name"]),
)

GATE_RESULTS = Table(
    "gate_results",
    METADATA,
    Column("model", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("gate", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("evaluated_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    ForeignKeyConstraint(["model", "version"], ["versions.model", "versions.number"]),
)

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
    Column("condemned_at", DateTime(timezone=True)),
)
"""The registry's copies by digest, locked by who registers and by who collects.

How often each is referenced follows from `versions`. Condemned: nothing referenced it at that moment; null: held.
"""
