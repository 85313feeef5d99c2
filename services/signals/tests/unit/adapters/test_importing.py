"""Recordings become a dataset: what is imported, and what cannot be."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from babbitt.contracts.datasets import DatasetConfiguration, DatasetFailed, DatasetReady
from babbitt.contracts.mappings import ImportedSource, MappingRule
from babbitt.contracts.splits import SplitSpec
from babbitt.recordings.mapping import parse_mapping

IN_TIME = {"kind": "time", "test": 0.3}
REPOSITORY = Path(__file__).parents[5]
CWRU = REPOSITORY.parent / "shared" / "data" / "cwru"


def mat(seed, samples=12_000):
    stream = io.BytesIO()
    savemat(stream, {f"X{seed}_DE_time": np.random.default_rng(seed).standard_normal(samples), "XRPM": 1800.0})
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
        (b"MATLAB 5 nonsense", None, r"worn.mat: damaged MATLAB 5 file"),
        (b"no MATLAB at all", None, r"worn.mat: no MATLAB 5 file"),
        (mat(2, samples=2_000), None, r"worn.mat: 2000 samples; its part for train"),
        (
            mat(1),
            None,
            r"leakage: record ok.mat#00000 .* and record worn.mat#00000 \(train, worn\) are identical",
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


async def test_a_recording_that_was_exported_twice_leaks_and_is_found(make, uploads):
    """Two files of two machines, one of them the other's data at another gain and a little later."""
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
    failed = await make(uploads.configuration())
    assert isinstance(failed, DatasetFailed)
    assert "share a run of samples" in failed.reason


async def test_a_recording_too_long_for_a_shard_is_named(make, uploads, monkeypatch):
    monkeypatch.setattr("babbitt.signals.adapters.shard_making.MAX_SHARD_SAMPLES", 1_000)
    await uploads.add("ok.mat", mat(1))
    failed = await make(uploads.configuration(split=IN_TIME, record_duration_s=0.05))
    assert failed.reason.startswith("ok.mat: 12000 samples; at most 1000 a file")


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
