"""Recordings become a dataset: what is imported, and what cannot be."""

import io
import json
import re
import weakref
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetConfiguration, DatasetFailed, DatasetReady, ShardRequested
from babbitt.contracts.mappings import ImportedSource, MappedChannel, MappingRule, RecordingFile
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.mapping import parse_mapping
from babbitt.recordings.shards import ShardReader
from babbitt.signals.adapters.importing import RecordingReading
from babbitt.signals.domain.plan import plan_of

IN_TIME = {"kind": "time", "test": 0.3}
REPOSITORY = Path(__file__).parents[5]
CWRU = REPOSITORY.parent / "shared" / "data" / "cwru"


def mat(seed, samples=12_000, holes=()):
    stream, made = io.BytesIO(), np.random.default_rng(seed).standard_normal(samples)
    for start, stop in holes:
        made[start:stop] = np.nan
    savemat(stream, {f"X{seed}_DE_time": made, "XRPM": 1800.0})
    return stream.getvalue()


async def test_recordings_are_imported_by_group(make, manifest_of, uploads):
    for number in range(3):
        await uploads.add(f"ok{number}.mat", mat(number))
        await uploads.add(f"worn{number}.mat", mat(10 + number))
    ready = await make(uploads.configuration())
    assert ready.counts == {split: {"ok": 4, "worn": 4} for split in ("train", "validation", "test")}
    manifest = await manifest_of(ready)
    assert {entry.shaft_speed_hz for entry in manifest.records} == {30.0}
    assert manifest.data_spec.shaft_speed == "per_record"
    assert manifest.data_spec.class_names == ("ok", "worn")
    assert ready.source_kind == "imported"
    by_group = {}
    for entry in manifest.records:
        by_group.setdefault(entry.group, set()).add(entry.split)
    assert all(len(splits) == 1 for splits in by_group.values())
    assert {entry.record for entry in manifest.records} >= {"ok0.mat#00000", "worn2.mat#00003"}


async def test_a_missing_upload_fails_the_dataset_and_names_the_file(make, uploads):
    await uploads.add("ok.mat", mat(1))
    await uploads.add("worn.mat", mat(2), stored=b"")
    failed = await make(uploads.configuration(split=IN_TIME, record_duration_s=0.05))
    assert isinstance(failed, DatasetFailed)
    assert failed.reason.startswith("worn.mat: its upload gateway/uploads/")


@pytest.mark.parametrize(
    ("content", "stored_as", "reason"),
    [
        (mat(2), mat(3), r"worn.mat: .* is not what its digest .* says"),
        (b"MATLAB 5 nonsense", None, r"worn.mat: damaged MATLAB file"),
        (b"no MATLAB at all", None, r"worn.mat: no columns of numbers"),
        (mat(2, samples=2_000), None, r"worn.mat: 2000 samples; its part for train"),
        (
            mat(1),
            None,
            r"labels: record ok.mat#00000 .* and record worn.mat#00000 \(train, worn\) are identical",
        ),
    ],
)
async def test_a_file_that_is_not_what_it_should_be_fails_the_dataset(make, uploads, content, stored_as, reason):
    await uploads.add("ok.mat", mat(1))
    await uploads.add("worn.mat", content, stored=stored_as)
    failed = await make(uploads.configuration(split=IN_TIME, record_duration_s=0.05))
    assert isinstance(failed, DatasetFailed)
    assert re.match(reason, failed.reason)


async def test_a_variable_that_is_not_there_is_told_with_those_that_are(make, uploads):
    await uploads.add("ok.mat", mat(1))
    rules = (MappingRule(pattern="*", label="ok", variable="Y*", sampling_rate_hz=12_000),)
    failed = await make(uploads.configuration(rules, split=IN_TIME))
    assert failed.reason == "ok.mat: no variable matches 'Y*'; exactly one has to; there: X1_DE_time, XRPM"


@pytest.mark.parametrize(("record_duration_s", "block"), [(0.25, 1_000_000), (0.01, 1_000_000), (0.01, 240)])
async def test_a_recording_that_was_exported_twice_leaks_and_is_found(
    make, uploads, monkeypatch, record_duration_s, block
):
    """Two files of two machines, one of them the other's data at another gain and a little later; records of 120
    samples, which no run fits into, are no way around the gate."""
    monkeypatch.setattr("babbitt.signals.adapters.importing.BLOCK_SAMPLES", block)
    source = np.random.default_rng(7).standard_normal(12_500)
    for number in range(3):
        await uploads.add(f"worn{number}.mat", mat(10 + number))
    for name, samples in (
        ("ok0", source[:12_000]),
        ("ok1", 0.5 * source[333:12_333] + 1),
        ("ok2", source[::-1][:12_000]),
    ):
        stream = io.BytesIO()
        savemat(stream, {"X1_DE_time": samples, "XRPM": 1800.0})
        await uploads.add(f"{name}.mat", stream.getvalue())
    failed = await make(uploads.configuration(record_duration_s=record_duration_s))
    assert isinstance(failed, DatasetFailed)
    assert "share a run of samples" in failed.reason


async def test_recordings_too_short_for_a_run_are_counted_and_told(make, uploads, report_of):
    for number in range(3):
        await uploads.add(f"ok{number}.mat", mat(number, samples=900 if number else 2_000))
        await uploads.add(f"worn{number}.mat", mat(10 + number, samples=2_000))
    report = await report_of(await make(uploads.configuration(record_duration_s=0.01)))
    assert report.leakage.not_looked_at == 2
    assert any("In 2 recordings shared runs could not be looked for" in finding.text for finding in report.findings)


def test_a_recording_is_read_once_for_its_shards_and_leaves_the_memory_with_the_last(uploads, tmp_path):
    file = RecordingFile(name="ok.mat", sha256="0" * 64)
    uploads.files.append(file)
    mapping, reading = uploads.configuration().source.mapping, RecordingReading()
    (tmp_path / "file").write_bytes(mat(1))
    first = reading(tmp_path / "file", file, mapping, last=False)
    (tmp_path / "file").unlink()
    last = reading(tmp_path / "file", file, mapping, last=True)
    assert last is first
    samples = weakref.ref(first.samples)
    del first, last
    assert samples() is None


async def test_a_file_that_makes_too_many_samples_for_its_shards_is_named(make, uploads, monkeypatch):
    monkeypatch.setattr("babbitt.signals.adapters.importing.MAX_SHARD_SAMPLES", 1_000)
    await uploads.add("ok.mat", mat(1))
    failed = await make(uploads.configuration(split=IN_TIME, record_duration_s=0.05))
    assert failed.reason == "ok.mat: one of its 1 shards takes more than 1000 samples: divide the file"


async def test_a_large_file_is_divided_and_fetched_once(make, manifest_of, uploads, outbox, monkeypatch):
    await uploads.add("ok.mat", mat(1, samples=20_000))
    await uploads.add("worn.mat", mat(2))
    configuration = uploads.configuration(split=IN_TIME, record_duration_s=0.02)
    plan = plan_of(configuration)
    names = [f"{name}#{number:05d}" for name, samples in (("ok.mat", 20_000), ("worn.mat", 12_000))
             for number in range(len(plan.cut(name, samples)))]  # fmt: skip
    monkeypatch.setattr("babbitt.signals.domain.importing.parts.PART_BYTES", 50_000)
    fetches = []
    monkeypatch.setattr(ObjectStore, "fetch", counted(ObjectStore.fetch, fetches))
    manifest = await manifest_of(await make(configuration))
    wanted = outbox.of(ShardRequested)
    assert [(shard.first_record, shard.part, shard.parts) for shard in wanted] == [
        *((0, part, 4) for part in range(4)),
        *((1, part, 2) for part in range(2)),
    ]
    assert len(manifest.shards) == 6
    assert [entry.record for entry in manifest.records] == names
    assert len(fetches) == 2


def counted(fetch, calls):
    async def counting(self, reference, target):
        calls.append(reference.key)
        return await fetch(self, reference, target)

    return counting


async def test_what_was_done_to_recordings_is_kept_with_the_dataset(make, manifest_of, uploads):
    for number in range(3):
        await uploads.add(f"ok{number}.mat", mat(number, samples=48_000))
        await uploads.add(f"worn{number}.mat", mat(10 + number, holes=((3_100, 3_105),) if number else ()))
    rules = tuple(
        MappingRule(pattern=f"{label}*", label=label, variable="X*_DE_time", sampling_rate_hz=rate)
        for label, rate in (("ok", 48_000), ("worn", 12_000))
    )
    manifest = await manifest_of(await make(uploads.configuration(rules, gap_policy="cut")))
    assert "ok0.mat: resampled from 48000 Hz." in manifest.notes
    assert "worn1.mat: 1 of 4 records left out: samples are missing in them." in manifest.notes
    assert [entry.record for entry in manifest.records if entry.recording == "worn1.mat"] == [
        "worn1.mat#00000", "worn1.mat#00001", "worn1.mat#00002",
    ]  # fmt: skip
    assert manifest.data_spec.gap_policy == "cut"


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
    mapping = parse_mapping((REPOSITORY / "examples" / "mappings" / "cwru.yaml").read_text())
    for path in sorted(CWRU.glob("*.mat")):
        await uploads.add(path.name, path.read_bytes())
    source = ImportedSource(files=tuple(uploads.files), mapping=mapping)
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
    mapping = parse_mapping((REPOSITORY / "examples" / "mappings" / "cwru_drive_end.yaml").read_text())
    for path in sorted(CWRU.glob("*.mat")):
        await uploads.add(path.name, path.read_bytes())
    source = ImportedSource(files=tuple(uploads.files), mapping=mapping)
    ready = await make(DatasetConfiguration(source=source, split=SplitSpec(kind="group")))
    assert isinstance(ready, DatasetReady), ready
    assert ready.split_in_time == ("normal",)
    placed = {(entry.group, entry.split) for entry in (await manifest_of(ready)).records if entry.label != "normal"}
    assert len(placed) == 9
    assert min(min(held.values()) for held in ready.counts.values()) >= 2
