"""The schema `training`; made by the migrations, which a test compares with this."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

TRAINING = MetaData()

JOBS = Table(
    "jobs",
    TRAINING,
    Column("id", Uuid, primary_key=True),
    Column("state", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("cause", JSONB, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("kind", String, nullable=False, server_default="training"),
    Column("run", Integer, nullable=False, server_default="1"),
    Column("epoch", Integer, nullable=False),
    Column("checkpoint_epoch", Integer),
    Column("checkpoint", JSONB),
    Column("checkpoints", JSONB, nullable=False, server_default="[]"),
    Column("study", Uuid),
    Column("trial", Integer),
    Column("holder", String),
    Column("lease_until", DateTime(timezone=True)),
    Column("renewed_at", DateTime(timezone=True)),
    Column("worked_s", Float, nullable=False, server_default="0"),
    Column("waits_for_device", Boolean, nullable=False, server_default=false()),
    Column("created_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
    Column("updated_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
)
"""One row a job ever asked for.

`cause` is the envelope of its request. `attempt`, `holder` and `lease_until` are its lease: an attempt speaks for the
job while the job runs, the number is its own, and the time has not come by the database's clock. `worked_s` is the time
that attempts have held it. `checkpoint_epoch` and `checkpoint` are read by no replica any more; a later migration drops
them.
"""

Index("jobs_to_run", JOBS.c.created_at, postgresql_where=text("state IN ('queued', 'running')"))
Index("jobs_with_checkpoints", JOBS.c.updated_at, postgresql_where=text("checkpoints <> '[]'"))
Index("jobs_of_study", JOBS.c.study, postgresql_where=text("study IS NOT NULL"))
Index("jobs_waiting", JOBS.c.dataset, postgresql_where=text("state = 'waiting'"))

DEVICE_LEASES = Table(
    "device_leases",
    TRAINING,
    Column("device", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("job", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("held_until", DateTime(timezone=True), nullable=False),
)
"""One row a GPU that an attempt computes on, until it is freed or the time has come by the database's clock."""

DATASETS = Table(
    "datasets",
    TRAINING,
    Column("id", String, primary_key=True),
    Column("sequence", String, nullable=False),
    Column("manifest", JSONB),
    Column("updated_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
)
"""What was heard of datasets; without a manifest there is none, or not any more."""

REFERENCES = Table(
    "model_references",
    TRAINING,
    Column("model", String, primary_key=True),
    Column("reference", String, primary_key=True),
    Column("sequence", String, nullable=False),
    Column("assigned", JSONB(none_as_null=True)),
    Column("updated_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
)
"""What aliases and version numbers point at, as the alias topic said last; without `assigned` nothing any more."""

STUDIES = Table(
    "studies",
    TRAINING,
    Column("id", Uuid, primary_key=True),
    Column("request", JSONB, nullable=False),
    Column("cause", JSONB, nullable=False),
    Column("state", String, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("hopeless", String),
    Column("created_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
    Column("updated_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
)
"""One row a study ever asked for; its id is its job's."""

TRIALS = Table(
    "trials",
    TRAINING,
    Column("study", Uuid, ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("job", Uuid, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("state", String, nullable=False),
    Column("losses", JSONB, nullable=False),
    Column("loss", Float),
)
"""What a study has tried; `losses` are validation losses in nats, an epoch each."""

CANCELLATIONS = Table(
    "cancellations",
    TRAINING,
    Column("job_id", Uuid, primary_key=True),
    Column("reason", String),
    Column("created_at", DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False),
)
"""Cancels that came before their job."""
