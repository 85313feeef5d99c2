"""Recordings of other layouts become datasets: several channels, the benchmark's own file, the data centre's."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetConfiguration, DatasetReady
from babbitt.contracts.mappings import ImportedSource, MappedChannel, MappingRule
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.mapping import read_mapping
from babbitt.recordings.shards import ShardReader

REPOSITORY = Path(__file__).parents[5]
CWRU = REPOSITORY.parent / "shared" / "data" / "cwru"


async def real_recordings(uploads, mapping):
    for path in sorted(CWRU.glob("*.mat")):
        await uploads.add(path.name, path.read_bytes())
    rules = read_mapping(REPOSITORY / "examples" / "mappings" / mapping)
    return ImportedSource(files=tuple(uploads.files), mapping=rules)


async def test_several_channels_of_recordings_of_any_length_are_records_in_a_predefined_split(
    make, manifest_of, uploads, url, tmp_path, monkeypatch
):
    """Also where a file has more shards than records, and some of them none."""
    monkeypatch.setattr("babbitt.signals.domain.importing.parts.PART_BYTES", 20_000)
    for number, split in enumerate(("train", "val", "test")):
        for label in ("ok", "worn"):
            samples = np.random.default_rng([number, len(label)]).standard_normal((1_000 + number, 2))
            await uploads.add(f"{split}/{label}/1500.csv", "\n".join(f"{a},{b}" for a, b in samples).encode())
    rules = (
        MappingRule(
            pattern="{split}/{label}/{shaft_speed_rpm}.csv", variable=("#1", "#2"), sampling_rate_hz=12_000, unit="m/s2"
        ),
    )
    channels = (MappedChannel(name="x"), MappedChannel(name="y", unit="m/s2"))
    ready = await make(uploads.configuration(rules, {"kind": "predefined"}, record_duration_s=None, channels=channels))
    assert isinstance(ready, DatasetReady), ready
    assert ready.counts == {split: {"ok": 1, "worn": 1} for split in ("train", "validation", "test")}
    manifest = await manifest_of(ready)
    assert {(entry.record, entry.samples, entry.shaft_speed_hz) for entry in manifest.records} >= {
        ("test/ok/1500.csv", 1_002, 25.0), ("val/worn/1500.csv", 1_001, 25.0),
    }  # fmt: skip
    entry = next(entry for entry in manifest.records if entry.record == "test/ok/1500.csv")
    path = await ObjectStore(url, "training").fetch(manifest.shards[entry.shard], tmp_path / "shard.h5")
    with ShardReader(path) as shard:
        x, y = shard.read(entry.row)
    expected = np.random.default_rng([2, 2]).standard_normal((1_002, 2))
    np.testing.assert_allclose(x, expected[:, 0] / 9.80665, rtol=1e-5)
    np.testing.assert_allclose(y, expected[:, 1], rtol=1e-5)


async def test_the_benchmarks_own_file_becomes_a_dataset_with_its_split_and_its_noisy_copies(
    make, manifest_of, uploads, tmp_path, monkeypatch
):
    rng = np.random.default_rng(5)
    with h5py.File(tmp_path / "jbfd11.h5", "w") as file:
        for group in ("train", "val", "test", "test_snr10"):
            file[f"{group}/signals"] = rng.standard_normal((6, 2_048)).astype(np.float32)
            file[f"{group}/labels"] = np.array([0, 1, 0, 1, 0, 1])
            file[f"{group}/severities"] = np.arange(6) % 4
            file[f"{group}/metadata"] = [json.dumps({"speed_rpm": 3_600})] * 6
    await uploads.add("jbfd11.h5", (tmp_path / "jbfd11.h5").read_bytes())
    monkeypatch.setattr("babbitt.signals.domain.importing.parts.PART_BYTES", 120_000)
    rules = (MappingRule(pattern="*.h5", layout="jbfd11"),)
    configuration = uploads.configuration(
        rules, {"kind": "predefined"}, record_duration_s=None, sampling_rate_hz=20_480,
        channels=(MappedChannel(quantity="dimensionless", unit="1"),),
    )  # fmt: skip
    ready = await make(configuration)
    assert isinstance(ready, DatasetReady), ready
    per_place = {"sain": 3, "desalignement": 3}
    assert ready.counts == dict.fromkeys(("train", "validation", "test", "test_snr10"), per_place)
    manifest = await manifest_of(ready)
    assert len(manifest.shards) == 2
    entry = next(entry for entry in manifest.records if entry.record == "jbfd11.h5#test-00002@snr10")
    assert (entry.severity, entry.shaft_speed_hz, entry.group) == ("moderate", 60.0, "jbfd11.h5#test-00002")
    assert manifest.data_spec.class_names == ("sain", "desalignement")


@pytest.mark.skipif(not CWRU.is_dir(), reason="no real recordings in ../shared/data/cwru beside the repository")
async def test_the_real_recordings_become_a_dataset_of_ten_classes(make, manifest_of, uploads):
    source = await real_recordings(uploads, "cwru.yaml")
    ready = await make(DatasetConfiguration(source=source, split=SplitSpec(kind="time", validation=0.15, test=0.3)))
    assert isinstance(ready, DatasetReady), ready
    assert len(ready.counts["test"]) == 10
    assert min(ready.counts["test"].values()) >= 5
    assert min(ready.counts["validation"].values()) >= 2
    assert ready.split_kind == "time"
    manifest = await manifest_of(ready)
    assert manifest.data_spec.record_samples == 3_000
    assert any("97.mat" in note for note in manifest.notes)
    assert any("rate as recorded" in finding for finding in ready.findings), ready.findings


@pytest.mark.skipif(not CWRU.is_dir(), reason="no real recordings in ../shared/data/cwru beside the repository")
async def test_the_real_recordings_are_split_by_fault_size_and_the_healthy_machine_in_time(make, manifest_of, uploads):
    source = await real_recordings(uploads, "cwru_drive_end.yaml")
    ready = await make(DatasetConfiguration(source=source, split=SplitSpec(kind="group")))
    assert isinstance(ready, DatasetReady), ready
    assert ready.split_in_time == ("normal",)
    placed = {(entry.group, entry.split) for entry in (await manifest_of(ready)).records if entry.label != "normal"}
    assert len(placed) == 9
    assert min(min(held.values()) for held in ready.counts.values()) >= 2
