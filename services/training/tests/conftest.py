import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference, SimulatedSource, SplitName
from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.envelope import Envelope, Message
from babbitt.contracts.manifests import DatasetManifest, RecordEntry
from babbitt.contracts.training import TrainRequested
from babbitt.recordings.shards import ShardWriter
from babbitt.training.domain.dataset import KnownDataset
from babbitt.training.domain.job import Job, State
from babbitt.training.errors import LeaseLost

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

CLASS_NAMES = ("sain", "desequilibre", "oilwhirl")
RATE_HZ = 4096.0
SPLIT_OF: tuple[SplitName, ...] = ("train", "train", "train", "train", "validation", "test")


def tone(label: str, samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A record [1, samples] whose class is its line: none, at the shaft's 60 Hz, or at 0.45 of it."""
    line_hz = {"sain": 0.0, "desequilibre": 60.0, "oilwhirl": 27.0}[label] * rng.uniform(0.95, 1.05)
    time_s = np.arange(samples) / RATE_HZ
    noise = 0.1 * rng.standard_normal(samples)
    return (0.3 * np.sin(2 * np.pi * (line_hz * time_s + rng.random())) * (line_hz > 0) + noise)[None].astype("<f4")


def write_dataset(folder: Path, *, records_per_class: int = 12, samples: int = 2048, seed: int = 0) -> DatasetManifest:
    """A small dataset: two shards and their manifest; of six records of a class four are for training."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    labels = [label for label in CLASS_NAMES for _ in range(records_per_class)]
    entries: list[RecordEntry] = []
    shards: list[ObjectReference] = []
    configuration = DatasetConfiguration(
        source=SimulatedSource(classes=CLASS_NAMES, records_per_class=records_per_class, seed=seed)
    )
    prefix = f"signals/datasets/{configuration.dataset_id()}/1"
    for shard in range(2):
        path = folder / f"shard-{shard:05d}.h5"
        with ShardWriter(path, sampling_rate_hz=RATE_HZ) as writer:
            for row, index in enumerate(range(shard, len(labels), 2)):
                name, label = f"record-{index:05d}", labels[index]
                split = SPLIT_OF[index % records_per_class % len(SPLIT_OF)]
                digest = writer.add(name, label, tone(label, samples, rng))
                entries.append(
                    RecordEntry(
                        record=name,
                        label=label,
                        split=split,
                        group=name,
                        shard=shard,
                        row=row,
                        samples=samples,
                        sha256=digest,
                    )
                )
        content = path.read_bytes()
        shards.append(
            ObjectReference(
                key=f"{prefix}/{path.name}", sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content)
            )
        )
    manifest = DatasetManifest(
        dataset_id=configuration.dataset_id(),
        configuration=configuration,
        data_spec=DataSpec(
            channels=(Channel(),), sampling_rate_hz=RATE_HZ, record_samples=samples, class_names=CLASS_NAMES
        ),
        shards=tuple(shards),
        records=tuple(entries),
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return manifest


def write_request(path: Path, manifest: DatasetManifest, **fields: object) -> TrainRequested:
    """A request for `spectral_tiny` on the dataset."""
    fields = {"model": "pump", "dataset": manifest.dataset_id, "preset": "spectral_tiny", **fields}
    request = TrainRequested.model_validate_json(json.dumps(fields))
    path.write_text(request.model_dump_json())
    return request


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DatasetManifest]:
    """A dataset's folder and manifest; not to be altered."""
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder)


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., DatasetManifest]:
    return write_dataset


@pytest.fixture(scope="session")
def make_request() -> Callable[..., TrainRequested]:
    return write_request


class InMemoryJobs:
    """The port's fake; time is the process's own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rows: dict[UUID, Job] = {}
        self.leases: dict[UUID, tuple[int, float, float]] = {}
        self.created: dict[UUID, tuple[float, datetime]] = {}
        self.worked_s: dict[UUID, float] = {}
        self._clock = clock

    async def add(self, job: Job) -> bool:
        if job.id in self.rows:
            return False
        self.rows[job.id] = replace(job)
        self.created[job.id] = (self._clock(), datetime.now(UTC))
        return True

    async def locked(self, job_id: UUID) -> Job | None:
        return replace(self.rows[job_id]) if job_id in self.rows else None

    async def save(self, job: Job) -> None:
        self.rows[job.id] = replace(job)

    async def waiting_for(self, dataset_id: str, *, since: datetime | None = None) -> list[Job]:
        return [
            replace(job)
            for job in self.rows.values()
            if job.state is State.WAITING
            and job.request.dataset == dataset_id
            and (since is None or self.created[job.id][1] < since)
        ]

    async def waited_longer_than(self, seconds: float) -> list[Job]:
        oldest = self._clock() - seconds
        return [
            replace(job)
            for job in self.rows.values()
            if job.state is State.WAITING and self.created[job.id][0] < oldest
        ]

    async def next_to_run(self) -> Job | None:
        for job in sorted(self.rows.values(), key=lambda job: self.created[job.id][0]):
            ran_out = job.state is State.RUNNING and self.leases[job.id][1] < self._clock()
            if job.state is State.QUEUED or ran_out:
                return replace(job)
        return None

    async def grant(self, job: Job, holder: str, lease_s: float) -> float:
        self.leases[job.id] = (job.attempt, self._clock() + lease_s, self._clock())
        return self.worked_s.setdefault(job.id, 0.0)

    async def held(self, job_id: UUID, attempt: int) -> Job:
        job = self.rows.get(job_id)
        if (
            job is None
            or job.state is not State.RUNNING
            or job.attempt != attempt
            or self.leases[job_id][1] <= self._clock()
        ):
            raise LeaseLost(job_id, attempt)
        return replace(job)

    async def renew(self, job_id: UUID, attempt: int, lease_s: float) -> None:
        await self.held(job_id, attempt)
        now = self._clock()
        self.worked_s[job_id] += now - self.leases[job_id][2]
        self.leases[job_id] = (attempt, now + lease_s, now)


class InMemoryDatasets:
    """The port's fake."""

    def __init__(self) -> None:
        self.rows: dict[str, KnownDataset] = {}

    async def locked(self, dataset_id: str) -> KnownDataset:
        return replace(self.rows.setdefault(dataset_id, KnownDataset(dataset_id)))

    async def save(self, dataset: KnownDataset) -> None:
        self.rows[dataset.id] = replace(dataset)

    async def manifest_of(self, dataset_id: str) -> ObjectReference | None:
        return self.rows[dataset_id].manifest if dataset_id in self.rows else None


class InMemoryCancellations:
    """The port's fake."""

    def __init__(self) -> None:
        self.rows: dict[UUID, str | None] = {}

    async def remember(self, job_id: UUID, reason: str | None) -> None:
        self.rows.setdefault(job_id, reason)

    async def take(self, job_id: UUID) -> tuple[bool, str | None]:
        return job_id in self.rows, self.rows.pop(job_id, None)


class RecordingOutbox:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.sequences: list[int] = []
        self.ids: list[UUID | None] = []

    async def publish(self, message: Message, *, sequence: int, event_id: UUID | None = None) -> None:
        self.said.append(message)
        self.sequences.append(sequence)
        self.ids.append(event_id)


@dataclass
class Memory:
    """All fakes of the service's ports on its database."""

    jobs: InMemoryJobs = field(default_factory=InMemoryJobs)
    datasets: InMemoryDatasets = field(default_factory=InMemoryDatasets)
    cancellations: InMemoryCancellations = field(default_factory=InMemoryCancellations)
    outbox: RecordingOutbox = field(default_factory=RecordingOutbox)

    def answering(self, _job: Job) -> RecordingOutbox:
        return self.outbox


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def cause() -> Envelope:
    return Envelope(id="request-1", source="/test", type="TrainRequested", time=datetime.now(UTC), correlationid="c")


@pytest.fixture(scope="session")
def manifest_reference() -> ObjectReference:
    return ObjectReference(key="signals/datasets/d/1/manifest.json", sha256="a" * 64, size_bytes=10)
