"""Shards on a store in a local folder: what is imported, and what cannot be."""

import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from babbitt.chassis.objects import ObjectStore
from babbitt.contracts.datasets import (
    DatasetConfiguration,
    DatasetFailed,
    DatasetReady,
    DatasetRequested,
    ImportedSource,
    ImportMapping,
    MappingRule,
    RecordingFile,
    ShardRequested,
    SplitSpec,
)
from babbitt.recordings.digests import samples_sha256
from babbitt.recordings.mapping import parse_mapping
from babbitt.recordings.shards import ShardReader
from babbitt.signals.adapters import object_store
from babbitt.signals.adapters.object_store import StoredShards
from babbitt.signals.application.finish_dataset import FinishDataset
from babbitt.signals.application.make_shard import MakeShard
from babbitt.signals.application.request_dataset import RequestDataset
from babbitt.signals.domain.shards import PlannedShard
from babbitt.signals.errors import MakingFailed, ShardUnknown

IN_TIME = {"kind": "time", "test": 0.3}
REPOSITORY = Path(__file__).parents[5]
CWRU = REPOSITORY.parent / "shared" / "data" / "cwru"


def mat(seed, samples=12_000):
    stream = io.BytesIO()
    savemat(stream, {f"X{seed}_DE_time": np.random.default_rng(seed).standard_normal(samples), "XRPM": 1800.0})
    return stream.getvalue()


class Uploads:
    """Files as the gateway stores them."""

    def __init__(self, url):
        self.store, self.files = ObjectStore(url, "gateway"), []

    async def add(self, name, content, *, stored=None):
        sha256 = hashlib.sha256(content).hexdigest()
        self.files.append(RecordingFile(name=name, sha256=sha256))
        if stored != b"":
            await self.store.put(f"gateway/uploads/{sha256}", stored or content)

    def configuration(self, rules=None, split=None, **mapping):
        rules = rules or tuple(
            MappingRule(
                pattern=f"{label}*",
                label=label,
                variable="X*_DE_time",
                sampling_rate_hz=12_000,
                shaft_speed_rpm_variable="X*RPM",
            )
            for label in ("ok", "worn")
        )
        fields = {"rules": rules, "sampling_rate_hz": 12_000, "record_duration_s": 0.25} | mapping
        source = ImportedSource(files=tuple(self.files), mapping=ImportMapping(**fields))
        return DatasetConfiguration(source=source, split=SplitSpec(**(split or {"kind": "group"})))


@pytest.fixture
def url(tmp_path):
    return (tmp_path / "objects").as_uri()


@pytest.fixture
def uploads(url):
    return Uploads(url)


@pytest.fixture
def stored(url, worker, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    yield StoredShards(ObjectStore(url, "signals"), worker, scratch)
    assert list(scratch.iterdir()) == []


@pytest.fixture
def make(datasets, stored, outbox, worker, clock):
    async def make(configuration):
        """Make a dataset to its end; what was said last."""
        await RequestDataset(datasets, outbox, worker)(DatasetRequested(configuration=configuration))
        finish = FinishDataset(datasets, stored, outbox, worker)
        for wanted in outbox.of(ShardRequested):
            await MakeShard(datasets, stored, finish, outbox, clock)(wanted)
        return outbox.said[-1][1]

    return make


async def manifest_of(ready, url):
    content = await ObjectStore(url, "training").read(ready.manifest.key, ready.manifest.sha256)
    return object_store.DatasetManifest.model_validate_json(content)


async def test_a_simulated_shard_is_what_its_manifest_says(make, small, url, tmp_path):
    ready = await make(small())
    assert isinstance(ready, DatasetReady)
    manifest = await manifest_of(ready, url)
    readers = {}
    for index, reference in enumerate(manifest.shards):
        assert reference.key.startswith(f"signals/datasets/{manifest.dataset_id}/1/")
        path = await ObjectStore(url, "training").fetch(reference, tmp_path / f"{index}.h5")
        readers[index] = ShardReader(path)
    for entry in manifest.records:
        reader = readers[entry.shard]
        there = reader.records[entry.row]
        assert (there.record, there.label, there.samples) == (entry.record, entry.label, entry.samples)
        assert there.shaft_speed_hz == entry.shaft_speed_hz
        assert samples_sha256(reader.read(entry.row)) == entry.sha256
    for reader in readers.values():
        reader.close()


async def test_the_same_dataset_made_twice_has_the_same_shards(stored, small):
    once, again = [
        await stored.make(small(), small().dataset_id(), attempt, PlannedShard(1, 2, 2)) for attempt in (1, 2)
    ]
    assert once.reference.sha256 == again.reference.sha256
    assert once.records == again.records


@pytest.mark.parametrize("planned", [PlannedShard(0, 0, 5), PlannedShard(0, 1, 2), PlannedShard(99, 198, 2)])
async def test_a_shard_that_the_dataset_does_not_have_is_refused(stored, small, planned):
    with pytest.raises(ShardUnknown):
        await stored.make(small(), small().dataset_id(), 1, planned)


async def test_recordings_are_imported_by_group(make, uploads, url):
    for number in range(3):
        await uploads.add(f"ok{number}.mat", mat(number))
        await uploads.add(f"worn{number}.mat", mat(10 + number))
    ready = await make(uploads.configuration())
    assert ready.counts == {split: {"ok": 4, "worn": 4} for split in ("train", "validation", "test")}
    manifest = await manifest_of(ready, url)
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


async def test_what_was_stored_of_an_attempt_is_discarded(stored, small, url):
    made = await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    await stored.discard(small().dataset_id(), 1, [made])
    assert await ObjectStore(url, "signals").size_of(made.reference.key) is None
    await stored.discard(small().dataset_id(), 1, [made])


async def test_a_shard_that_is_lost_fails_instead_of_waiting_for_ever(stored, small):
    made = await stored.make(small(), small().dataset_id(), 1, PlannedShard(0, 0, 2))
    assert (await stored.read(made, 1)).shape == (1, 1536)
    await stored.discard(small().dataset_id(), 1, [made])
    with pytest.raises(MakingFailed, match="a shard is lost"):
        await stored.read(made, 1)


@pytest.mark.skipif(not CWRU.is_dir(), reason="no real recordings in ../shared/data/cwru beside the repository")
async def test_the_real_recordings_become_a_dataset_of_ten_classes(make, uploads, url):
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
    manifest = await manifest_of(ready, url)
    assert manifest.data_spec.record_samples == 3_000
    assert any("97.mat" in note for note in manifest.notes)
