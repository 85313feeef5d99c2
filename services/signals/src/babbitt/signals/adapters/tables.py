"""The schema `signals`; made by the migrations, which a test compares with this."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SIGNALS = MetaData()

DATASETS = Table(
    "datasets",
    SIGNALS,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("shards", Integer, nullable=False),
    Column("shards_done", Integer, nullable=False),
    Column("configuration", JSONB, nullable=False),
    Column("label", String),
    Column("told_at", DateTime(timezone=True)),
    Column("ready", JSONB),
    Column("reason", String),
    Column("collected", Integer, server_default="0", nullable=False),
    Column("created_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    Column("updated_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)
"""One row a dataset ever asked for.

`ready` is the DatasetReady that is said again on request. Of the attempts up to `collected` nothing is left in the
object store.
"""

Index("datasets_making", DATASETS.c.updated_at, postgresql_where=text("state = 'making'"))

SHARDS = Table(
    "shards",
    SIGNALS,
    Column("dataset_id", String, ForeignKey("datasets.id"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("shard", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("records", JSONB, nullable=False),
    Column("fingerprints", LargeBinary, nullable=False),
    Column("remarks", JSONB, server_default="[]", nullable=False),
    Column("quality", LargeBinary),
    Column("made_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
)
"""One row a shard that is in the object store. A shard that is still to be made has none.

`quality` is what was measured of its records; null: made before anything was.
"""

LINEAGE = Table(
    "lineage",
    SIGNALS,
    Column("model", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("dataset_id", String, nullable=False),
    Column("retired", Boolean, server_default=text("false"), nullable=False),
    Index("lineage_of_a_dataset", "dataset_id", postgresql_where=text("NOT retired")),
)
"""One row a version of a model: what it was trained on. The dataset may be unknown here, or gone."""
