import hashlib
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from services.training.tests.fakes import Memory

from babbitt.contracts.datasets import DatasetConfiguration, ObjectReference
from babbitt.contracts.dataspec import Channel, DataSpec
from babbitt.contracts.envelope import Envelope
from babbitt.contracts.manifests import DatasetManifest, RecordEntry
from babbitt.contracts.simulations import JournalSource
from babbitt.contracts.splits import SplitName
from babbitt.contracts.training_requests import TrainRequested
from babbitt.recordings.shards import ShardWriter

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


def write_dataset(
    folder: Path,
    *,
    records_per_class: int = 12,
    samples: int = 2048,
    seed: int = 0,
    split_of: Sequence[SplitName] = SPLIT_OF,
) -> DatasetManifest:
    """A small dataset: two shards and their manifest; the records of a class go to `split_of` in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    labels = [label for label in CLASS_NAMES for _ in range(records_per_class)]
    entries: list[RecordEntry] = []
    shards: list[ObjectReference] = []
    configuration = DatasetConfiguration(
        source=JournalSource(classes=CLASS_NAMES, records_per_class=records_per_class, seed=seed)
    )
    prefix = f"signals/datasets/{configuration.dataset_id()}/1"
    for shard in range(2):
        path = folder / f"shard-{shard:05d}.h5"
        with ShardWriter(path, sampling_rate_hz=RATE_HZ) as writer:
            for row, index in enumerate(range(shard, len(labels), 2)):
                name, label = f"record-{index:05d}", labels[index]
                split = split_of[index % records_per_class % len(split_of)]
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
                        blake3=digest,
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
    """A request for `spectral_small` on the dataset."""
    fields = {"model": "pump", "dataset": manifest.dataset_id, "preset": "spectral_small", **fields}
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


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def cause() -> Envelope:
    return Envelope(id="request-1", source="/test", type="TrainRequested", time=datetime.now(UTC), correlationid="c")


@pytest.fixture(scope="session")
def manifest_reference() -> ObjectReference:
    return ObjectReference(key="signals/datasets/d/1/manifest.json", sha256="a" * 64, size_bytes=10)
