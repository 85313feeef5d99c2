"""Recordings become a dataset: what is imported, and what cannot be."""

import io
import re
import weakref

import numpy as np
import pytest
from scipy.io import savemat

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import DatasetFailed, ShardRequested
from babbitt.contracts.mappings import MappingRule, RecordingFile
from babbitt.signals.adapters.importing import RecordingReading
from babbitt.signals.domain.plan import plan_of

IN_TIME = {"kind": "time", "test": 0.3}


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
