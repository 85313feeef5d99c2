"""Every topic of Babbitt, declared once: the table of the architecture page as code.

Names here are without the installation's prefix; `Topic.full_name` adds it.
"""

from dataclasses import dataclass, field
from typing import Literal

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

SEGMENT_BYTES = 64 * 1024 * 1024
RETENTION_BYTES = 1024 * 1024 * 1024
"""Of a partition: 13,000 waveforms of 80 KB that nobody has read yet."""

SERVICES = ("signals", "training", "registry", "inference", "gateway")

type Kind = Literal["requests", "events", "state", "data", "dead_letters"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic and its rules.

    Attributes:
        name: without prefix, its version last.
        kind: `requests` are strict, `events` open, `state` compacted, `data` waveforms and results.
        key: what its key is, in words.
        partitions: fixed; more would be a new version of the topic.
        retention_ms: how long messages are kept; None: for ever.
        writers, readers: services; `clients` are any outside.
        default_type: the type of a message without envelope, on request topics.
        dealt: keys end in a number, and our own writers deal messages to the partitions in turn by it: by hash, one of
            two replicas would often get a quarter more of the work than the other.
    """

    name: str
    kind: Kind
    key: str
    partitions: int
    retention_ms: int | None
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    description: str
    default_type: str | None = None
    compacted: bool = field(default=False)
    dealt: bool = field(default=False)

    def full_name(self, prefix: str) -> str:
        """Its name on the broker."""
        return f"{prefix}{self.name}"

    def partition_of(self, key: bytes | None) -> int | None:
        """Where our own writers put a message; None: by the hash of its key."""
        return int(key.rpartition(b"/")[2]) % self.partitions if self.dealt and key else None

    def config(self, retention_bytes: int = RETENTION_BYTES) -> dict[str, str]:
        """The broker's settings for it.

        Args:
            retention_bytes: what a partition of a topic that is kept under a day may hold before its time is over.
        """
        if self.compacted:
            return {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "segment.ms": str(HOUR_MS)}
        settings = {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms or -1)}
        if self.kind == "dead_letters":
            settings["max.message.bytes"] = str(2 * 1024 * 1024)
        if self.retention_ms and self.retention_ms < DAY_MS:
            settings |= {
                "segment.ms": str(self.retention_ms // 4),
                "segment.bytes": str(SEGMENT_BYTES),
                "retention.bytes": str(retention_bytes),
            }
        return settings


DATASETS_REQUESTS = Topic(
    "datasets.requests.v1", "requests", "dataset", 3, 7 * DAY_MS, ("gateway", "clients"), ("signals",),
    "Asks for a dataset, or for its end.", default_type="DatasetRequested",
)  # fmt: skip
DATASETS_SHARDS = Topic(
    "datasets.shards.v1", "requests", "shard", 8, DAY_MS, ("signals",), ("signals",),
    "The parts of a dataset, fanned out to the replicas of signals.", default_type="ShardRequested", dealt=True,
)  # fmt: skip
DATASETS_EVENTS = Topic(
    "datasets.events.v1", "events", "dataset", 3, 30 * DAY_MS, ("signals",), ("training", "gateway", "clients"),
    "What became of datasets.",
)  # fmt: skip
TRAINING_REQUESTS = Topic(
    "training.requests.v1", "requests", "job", 3, 7 * DAY_MS, ("gateway", "clients"), ("training",),
    "Asks for a training job, or for its end.", default_type="TrainRequested",
)  # fmt: skip
TRAINING_EVENTS = Topic(
    "training.events.v1", "events", "job", 3, 30 * DAY_MS, ("training",), ("registry", "gateway", "clients"),
    "How training jobs go, epoch by epoch.",
)  # fmt: skip
MODELS_REQUESTS = Topic(
    "models.requests.v1", "requests", "model", 3, 7 * DAY_MS, ("gateway", "clients"), ("registry",),
    "Asks for a promotion, a rollback, a retirement.", default_type="PromotionRequested",
)  # fmt: skip
MODELS_EVENTS = Topic(
    "models.events.v1", "events", "model", 3, None, ("registry",), ("signals", "gateway", "clients"),
    "Versions, gate results, promotions.",
)  # fmt: skip
MODELS_ALIASES = Topic(
    "models.aliases.v1", "state", "model/reference", 1, None, ("registry",), ("training", "inference", "gateway"),
    "What every reference of every model points at now; no value: it is gone.", compacted=True,
)  # fmt: skip
PREDICTIONS_REQUESTS = Topic(
    "predictions.requests.v1", "data", "prediction", 8, 15 * MINUTE_MS, ("gateway",), ("inference",),
    "Waveforms to be answered.",
)  # fmt: skip
PREDICTIONS_RESULTS = Topic(
    "predictions.results.v1", "data", "prediction", 8, 7 * DAY_MS, ("inference",), ("gateway", "clients"),
    "Answers; the first one for a prediction is the answer.",
)  # fmt: skip
MEASUREMENTS = Topic(
    "measurements.v1", "data", "machine", 8, DAY_MS, ("clients",), ("inference", "signals"),
    "Waveforms from sensors.",
)  # fmt: skip
DIAGNOSTICS_EVENTS = Topic(
    "diagnostics.events.v1", "events", "machine or model", 3, 30 * DAY_MS, ("inference",), ("gateway", "clients"),
    "Faults, drift, models that cannot serve.",
)  # fmt: skip
LABELS_EVENTS = Topic(
    "labels.events.v1", "events", "machine", 3, None, ("gateway", "clients"), ("signals", "inference"),
    "What people say a machine had.",
)  # fmt: skip
SYSTEM_HEARTBEATS = Topic(
    "system.heartbeats.v1", "events", "instance", 1, HOUR_MS, SERVICES, ("gateway", "training", "clients"),
    "Who is alive, and what it serves.",
)  # fmt: skip


def dead_letters(service: str) -> Topic:
    """The topic of what `service` could not read."""
    return Topic(
        f"{service}.dlq.v1", "dead_letters", "original", 1, 30 * DAY_MS, (service,), ("clients",),
        f"What {service} could not read, why, and where it lay.",
    )  # fmt: skip


TOPICS: tuple[Topic, ...] = (
    DATASETS_REQUESTS,
    DATASETS_SHARDS,
    DATASETS_EVENTS,
    TRAINING_REQUESTS,
    TRAINING_EVENTS,
    MODELS_REQUESTS,
    MODELS_EVENTS,
    MODELS_ALIASES,
    PREDICTIONS_REQUESTS,
    PREDICTIONS_RESULTS,
    MEASUREMENTS,
    DIAGNOSTICS_EVENTS,
    LABELS_EVENTS,
    SYSTEM_HEARTBEATS,
    *(dead_letters(service) for service in SERVICES),
)

REFUSALS: dict[Topic, Topic] = {
    DATASETS_REQUESTS: DATASETS_EVENTS,
    TRAINING_REQUESTS: TRAINING_EVENTS,
    MODELS_REQUESTS: MODELS_EVENTS,
}
"""Where RequestRefused is said, by request topic."""
